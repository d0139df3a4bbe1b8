import { laterPosition, type Position } from "./event-id.ts";
import type { GroupMember } from "./group.ts";
import type { Mail, Mailboxes } from "./mailboxes.ts";

/** The mail of a user who has streams or held polls here, and who they are. */
export interface Inbox extends Mail {
  readonly user: string;
  /** A plain field, as it is looked at once for each stream and flush. */
  newest: Position;
  readonly members: Set<GroupMember>;
}

/** The inboxes of users who are here. */
export interface Inboxes {
  /** That of a user, created for the first member; `undefined` for what is nobody's. */
  open(user: string | undefined): Inbox | undefined;
  join(inbox: Inbox | undefined, member: GroupMember): void;
  /** Takes a member out, and forgets the inbox with its last one. */
  leave(inbox: Inbox | undefined, member: GroupMember): void;
  /** That of a user who has members. */
  find(user: string): Inbox | undefined;
}

/** Creates the index of a hub where nobody is yet. */
export function createInboxes(mailboxes: Mailboxes): Inboxes {
  const byUser = new Map<string, Inbox>();
  return {
    open(user) {
      if (user === undefined) return undefined;
      const known = byUser.get(user);
      if (known) return known;
      const mail = mailboxes.of(user);
      return {
        user,
        newest: mail.newest,
        members: new Set(),
        get floor() {
          return mail.floor;
        },
        get openers() {
          return mail.openers;
        },
        ring: mail.ring,
        newerThan: mail.newerThan,
      };
    },
    join(inbox, member) {
      if (!inbox) return;
      // A filter may have published since it was opened, when nobody was there to be woken.
      inbox.newest = laterPosition(inbox.newest, mailboxes.of(inbox.user).newest);
      inbox.members.add(member);
      byUser.set(inbox.user, inbox);
    },
    leave(inbox, member) {
      if (!inbox?.members.delete(member)) return;
      if (inbox.members.size === 0) byUser.delete(inbox.user);
    },
    find: (user) => byUser.get(user),
  };
}
