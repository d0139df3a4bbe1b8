import type { Rooms } from "./presence-rooms.ts";

/** Who is on the channels of a stream, as far as it is told. */
export interface PresenceList {
  /** Users by channel, sorted. */
  readonly presence: Readonly<Record<string, readonly string[]>>;
  /** Number of users of the channels that are not complete; left out when all are. */
  readonly presenceCounts?: Readonly<Record<string, number>>;
}

/** Most users one list has in all, and most channels: it is written to every stream that opens. */
export const MAX_LISTED = 1_000;

/** Lists who is on these channels. Those with the fewest come first, so that one crowd does not hide all the others. */
export function listPresence(rooms: Rooms, channels: Iterable<string>): PresenceList {
  const sizes = [...channels].map((channel) => ({ channel, size: rooms.sizeOf(channel) }));
  sizes.sort((left, right) => left.size - right.size);
  const lists: [channel: string, users: readonly string[]][] = [];
  const counts: [channel: string, users: number][] = [];
  let room = MAX_LISTED;
  for (const { channel, size } of sizes.slice(0, MAX_LISTED)) {
    const users = take(rooms.usersOf(channel), room);
    room -= users.length;
    lists.push([channel, users]);
    if (users.length < size) counts.push([channel, size]);
  }
  // Not by assignment, as a channel may be called `__proto__`.
  const presence = Object.fromEntries(lists);
  return counts.length === 0 ? { presence } : { presence, presenceCounts: Object.fromEntries(counts) };
}

/** Those who came first: sorting everybody would cost each newcomer by the size of the crowd. */
function take(users: Iterable<string>, most: number): string[] {
  const taken: string[] = [];
  for (const user of users) {
    if (taken.length === most) break;
    taken.push(user);
  }
  return taken.sort();
}
