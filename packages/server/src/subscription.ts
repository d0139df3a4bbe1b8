import type { Position } from "./event-id.ts";
import { comparePositions } from "./event-id.ts";
import type { History } from "./history.ts";
import { compilePattern, isPattern } from "./pattern.ts";
import type { Ring } from "./ring.ts";

/** The channels one stream is about. Connections with equal subscriptions share one. */
export interface Subscription {
  /** Names and patterns, sorted, each once. */
  readonly channels: readonly string[];
  /** The concrete ones. */
  readonly names: readonly string[];
  /** The others. */
  readonly patterns: readonly string[];
  /** Rings of these channels with something newer than the position, in no particular order. */
  ringsAfter(history: History, position: Position): Ring[];
}

/** Creates the subscription of a list of valid names and patterns. */
export function createSubscription(list: readonly string[]): Subscription {
  const channels = [...new Set(list)].sort();
  const names = channels.filter((name) => !isPattern(name));
  const patterns = channels.filter(isPattern);
  const nameSet = new Set(names);
  const tests = patterns.map(compilePattern);
  const covers = (channel: string) => nameSet.has(channel) || tests.some((test) => test(channel));

  return {
    channels,
    names,
    patterns,
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
