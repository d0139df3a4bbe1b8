import { RequestError } from "./json.ts";

const shape = /^[\da-z-]{16,64}$/i;

/**
 * Who sends a request: the random id that a page keeps for its tab. `undefined` where it does not say.
 *
 * @throws {RequestError} 400
 */
export function guestOf({ searchParams }: URL): string | undefined {
  const id = searchParams.get("user");
  if (id === null || shape.test(id)) return id ?? undefined;
  throw new RequestError(400, "user: Pass 16 to 64 letters, digits and hyphens.", { field: "user" });
}

/**
 * The same where nothing can be done without.
 *
 * @throws {RequestError} 400
 */
export function requireGuest(url: URL): string {
  const id = guestOf(url);
  if (id !== undefined) return id;
  throw new RequestError(400, "user: Say who you are.", { field: "user" });
}
