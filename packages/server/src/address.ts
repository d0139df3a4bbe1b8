/** Whom an event is addressed to instead of those who listen to its channel. No channel can have such a name. */
export const EVERYBODY = "@all";

const USER = "@user/";

/** The address of a user. */
export function addressOf(user: string): string {
  return USER + user;
}

/** The user of an address; `undefined` for any other address. */
export function userOf(address: string): string | undefined {
  return address.startsWith(USER) ? address.slice(USER.length) : undefined;
}
