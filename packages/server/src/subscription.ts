import { createCoverage } from "./coverage.ts";
import type { Position } from "./event-id.ts";
import { comparePositions } from "./event-id.ts";
import type { Rings } from "./history.ts";
import { isPattern } from "./pattern.ts";
import type { Ring } from "./ring.ts";

/** The channels one stream is about. Connections with equal subscriptions share one. */
export interface Subscription {
  /** Names and patterns, sorted, each once. */
  readonly channels: readonly string[];
  /** The concrete ones. */
  readonly names: readonly string[];
  /** The others. */
  readonly patterns: readonly string[];
  /** True for a concrete name whose events the stream carries. */
  covers(channel: string): boolean;
  /** Rings of these channels with something newer than the position, in no particular order. */
  ringsAfter(history: Rings, position: Position): Ring[];
}

/** Creates the subscription of a list of valid names and patterns. */
export function createSubscription(list: readonly string[]): Subscription {
  const { channels: listed, covers } = createCoverage(list);
  const channels = [...listed].sort();
  const names = channels.filter((name) => !isPattern(name));
  const patterns = channels.filter(isPattern);

  return {
    channels,
    names,
    patterns,
    covers,
    ringsAfter(history, position) {
      if (patterns.length === 0) {
        return names
          .map((name) => history.ring(name))
          .filter((ring) => ring !== undefined && comparePositions(ring.newest, position) > 0) as Ring[];
      }
      return [...history.newerThan(position)].filter((ring) => covers(ring.channel));
    },
  };
}
