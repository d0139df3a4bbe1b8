import { networkOf } from "./client-ip.ts";
import { DEFAULTS } from "./defaults.ts";
import { checkFields, checkNumber } from "./option-checks.ts";
import type { Purpose } from "./stream-request.ts";
import { createTally, type Tally } from "./tally.ts";

/**
 * How many streams and held polls there may be. Those that wait for `authorize` count, too, for `total` and `perIp`. 0 and
 * `null` are no limit.
 */
export interface LimitOptions {
  /** In this hub. @default null */
  readonly total?: number | null;
  /** Of one user; what has no user is not counted. @default null */
  readonly perUser?: number | null;
  /** From one address, or one /64 network of IPv6; what has none is not counted. @default null */
  readonly perIp?: number | null;
  /** Requests of any kind that wait for `authorize` at once. No effect without it. @default 1_000 */
  readonly pending?: number | null;
  /**
   * Channels that the client of one stream or poll makes up: names and patterns that are neither in the definitions nor in
   * the list it is authorised for. @default 100
   */
  readonly channelsPerConnection?: number | null;
}

/** Limits with infinity for none. */
export type ResolvedLimits = { readonly [Name in keyof LimitOptions]-?: number };

/** The limit that leaves no room. */
export type LimitName = "total" | "perUser" | "perIp" | "pending";

/** What happens to a stream that a limit leaves no room for. */
export type OverLimit = "retry" | "status";

/** Whom a stream or poll is counted for. */
interface Holder {
  readonly user: string | undefined;
  readonly ip: string | undefined;
}

/** Where one is counted. A record, as each open stream has one. */
export interface Seat {
  readonly user: string | undefined;
  readonly place: string | undefined;
  isTaken: boolean;
}

/** Counts streams and held polls, and what waits to be decided about. */
export interface Limits {
  /** Number of users and networks that something is counted for. */
  readonly size: number;
  /** The limit that another one would exceed, if any. What waits does not count: each is looked at when it has been decided about. */
  reachedBy(holder: Holder): LimitName | undefined;
  /** Counts one. */
  take(holder: Holder): Seat;
  /** Stops counting it, which has an effect once. */
  leave(seat: Seat): void;
  /** The limit that another one would exceed by waiting for a decision, if any. */
  reachedByWaiting(purpose: Purpose, ip: string | undefined): LimitName | undefined;
  /** Counts one that waits; returns how to stop counting it, which has an effect once. */
  wait(purpose: Purpose, ip: string | undefined): () => void;
}

/**
 * Fills in the defaults.
 *
 * @throws {OptionError}
 */
export function resolveLimits(limits: LimitOptions): ResolvedLimits {
  checkFields("limits", limits, Object.keys(DEFAULTS.limits));
  const resolve = (name: keyof LimitOptions) => {
    const { [name]: own = DEFAULTS.limits[name] } = limits;
    return own === null ? Number.POSITIVE_INFINITY : checkNumber(`limits.${name}`, own, 0) || Number.POSITIVE_INFINITY;
  };
  return {
    total: resolve("total"),
    perUser: resolve("perUser"),
    perIp: resolve("perIp"),
    pending: resolve("pending"),
    channelsPerConnection: resolve("channelsPerConnection"),
  };
}

/** Creates the count of an empty hub. */
export function createLimits({ total, perUser, perIp, pending }: ResolvedLimits): Limits {
  const users = createTally();
  const held = createTally();
  // Apart, as those of changes are never held: a stream that is the last one to fit can still be changed.
  const comers = createTally();
  const changes = createTally();
  const placeOf = (ip: string | undefined) => (ip === undefined ? undefined : networkOf(ip));

  function reachedIn(tallies: readonly Tally[], place: string | undefined): LimitName | undefined {
    const sum = (countIn: (tally: Tally) => number) => tallies.reduce((count, tally) => count + countIn(tally), 0);
    if (sum((tally) => tally.total) >= total) return "total";
    return sum((tally) => tally.of(place)) >= perIp ? "perIp" : undefined;
  }

  return {
    get size() {
      return users.size + held.size + comers.size + changes.size;
    },
    reachedBy({ user, ip }) {
      const reached = reachedIn([held], placeOf(ip));
      return reached !== "total" && users.of(user) >= perUser ? "perUser" : reached;
    },
    take({ user, ip }) {
      const place = placeOf(ip);
      users.add(user);
      held.add(place);
      return { user, place, isTaken: true };
    },
    leave(seat) {
      if (!seat.isTaken) return;
      seat.isTaken = false;
      users.remove(seat.user);
      held.remove(seat.place);
    },
    reachedByWaiting(purpose, ip) {
      const place = placeOf(ip);
      if (comers.total + changes.total >= pending) return "pending";
      if (purpose === "stream") return reachedIn([held, comers], place);
      // It needs no room to be answered, but where it waits there must not be more.
      return reachedIn([purpose === "poll" ? comers : changes], place);
    },
    wait(purpose, ip) {
      const place = placeOf(ip);
      const queue = purpose === "change" ? changes : comers;
      queue.add(place);
      return once(() => queue.remove(place));
    },
  };
}

function once(run: () => void): () => void {
  let isDue = true;
  return () => {
    if (isDue) run();
    isDue = false;
  };
}
