import type { Environment } from "./environment.ts";

/** What has become of a user on a channel. */
export type PresenceChange = "join" | "leave";

/** Which users are on which channels. */
export interface Rooms {
  /** Channels with somebody on them. */
  channels(): Iterable<string>;
  /** Number of users on a channel. */
  sizeOf(channel: string): number;
  /** The users on a channel, those who came first at the front. */
  usersOf(channel: string): Iterable<string>;
  /** Counts one more stream of a user. */
  enter(channel: string, user: string): void;
  /** Counts one less; the last one starts the delay after which the user has left. */
  leave(channel: string, user: string): void;
  /** From now on whoever leaves is gone at once, and nobody is told. */
  close(): void;
}

/** What {@link createRooms} needs. */
export interface RoomsConfig {
  readonly environment: Pick<Environment, "now" | "setTimer">;
  readonly delayMs: number;
  onChange(channel: string, change: PresenceChange, user: string): void;
}

interface Guest {
  readonly channel: string;
  readonly user: string;
  streams: number;
  leavesAt: number;
}

/** Creates rooms with nobody in them. They need one timer, however many are leaving. */
export function createRooms({ environment, delayMs, onChange }: RoomsConfig): Rooms {
  const rooms = new Map<string, Map<string, Guest>>();
  // In the order in which they are due, as the delay is the same for all.
  const leaving = new Set<Guest>();
  let cancel: (() => void) | undefined;
  let isClosed = false;

  function remove({ channel, user }: Guest) {
    const guests = rooms.get(channel)!;
    guests.delete(user);
    if (guests.size === 0) rooms.delete(channel);
  }

  function arm() {
    const [first] = leaving;
    cancel = first && environment.setTimer(sweep, Math.max(1, first.leavesAt - environment.now()));
  }

  function sweep() {
    const now = environment.now();
    for (const guest of leaving) {
      if (guest.leavesAt > now) break;
      leaving.delete(guest);
      remove(guest);
      onChange(guest.channel, "leave", guest.user);
    }
    arm();
  }

  function disarm() {
    cancel?.();
    cancel = undefined;
  }

  return {
    channels: () => rooms.keys(),
    sizeOf: (channel) => rooms.get(channel)?.size ?? 0,
    usersOf: (channel) => rooms.get(channel)?.keys() ?? [],
    enter(channel, user) {
      const guests = rooms.get(channel) ?? new Map<string, Guest>();
      rooms.set(channel, guests);
      const known = guests.get(user);
      if (known) {
        known.streams++;
        if (leaving.delete(known) && leaving.size === 0) disarm();
        return;
      }
      guests.set(user, { channel, user, streams: 1, leavesAt: Number.POSITIVE_INFINITY });
      onChange(channel, "join", user);
    },
    leave(channel, user) {
      const guest = rooms.get(channel)!.get(user)!;
      guest.streams--;
      if (guest.streams > 0) return;
      if (isClosed) return remove(guest);
      guest.leavesAt = environment.now() + delayMs;
      leaving.add(guest);
      if (!cancel) arm();
    },
    close() {
      isClosed = true;
      disarm();
      for (const guest of leaving) remove(guest);
      leaving.clear();
    },
  };
}
