import { networkOf } from "./client-ip.ts";
import { DEFAULTS } from "./defaults.ts";
import { checkFields, checkNumber } from "./option-checks.ts";
import { createTally } from "./tally.ts";

/** How many streams and held polls there may be. 0 and `null` are no limit. */
export interface LimitOptions {
  /** In this hub. @default null */
  readonly total?: number | null;
  /** Of one user; what has no user is not counted. @default null */
  readonly perUser?: number | null;
  /** From one address, or one /64 network of IPv6; what has none is not counted. @default null */
  readonly perIp?: number | null;
  /**
   * Channels that the client of one stream or poll makes up: names and patterns that are neither in the definitions nor in
   * the list it is authorised for. @default 100
   */
  readonly channelsPerConnection?: number | null;
}

/** Limits with infinity for none. */
export type ResolvedLimits = { readonly [Name in keyof LimitOptions]-?: number };

/** The limit that leaves no room. */
export type LimitName = "total" | "perUser" | "perIp";

/** Whom a stream or poll is counted for. */
interface Holder {
  readonly user: string | undefined;
  readonly ip: string | undefined;
}

/** Counts streams and held polls. */
export interface Limits {
  /** Number of users and networks that something is counted for. */
  readonly size: number;
  /** The limit that another one would exceed, if any. */
  reachedBy(holder: Holder): LimitName | undefined;
  /** Counts one; returns how to stop counting it, which has an effect once. */
  take(holder: Holder): () => void;
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
    channelsPerConnection: resolve("channelsPerConnection"),
  };
}

/** Creates the count of an empty hub. */
export function createLimits({ total, perUser, perIp }: ResolvedLimits): Limits {
  const users = createTally();
  const networks = createTally();
  const placeOf = (ip: string | undefined) => (ip === undefined ? undefined : networkOf(ip));
  let count = 0;
  return {
    get size() {
      return users.size + networks.size;
    },
    reachedBy({ user, ip }) {
      if (count >= total) return "total";
      if (users.of(user) >= perUser) return "perUser";
      return networks.of(placeOf(ip)) >= perIp ? "perIp" : undefined;
    },
    take({ user, ip }) {
      const place = placeOf(ip);
      let isTaken = true;
      count++;
      users.add(user);
      networks.add(place);
      return () => {
        if (!isTaken) return;
        isTaken = false;
        count--;
        users.remove(user);
        networks.remove(place);
      };
    },
  };
}
