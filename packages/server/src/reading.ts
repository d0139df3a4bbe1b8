import { createCoverage } from "./coverage.ts";
import { comparePositions, laterPosition, type Position } from "./event-id.ts";
import type { Rings } from "./history.ts";
import type { RingSlice } from "./merge.ts";
import { isPattern } from "./pattern.ts";
import { createPatternIndex } from "./pattern-index.ts";
import type { Subscription } from "./subscription.ts";

/** Entries of a channel up to `until` were given up with a gap and must not be sent. */
export interface Skip {
  /** Channel name or subscription pattern. */
  readonly channel: string;
  readonly until: Position;
}

/** What a reader at some position can still get, and what it cannot. */
export interface Reading {
  /** Channels known to have dropped entries the reader has not seen. */
  readonly trimmed: string[];
  /** Names and patterns that may have had such entries; nothing remembers. */
  readonly forgotten: string[];
  /** Where the entries of the intact channels start. */
  readonly slices: RingSlice[];
}

/** Looks at the rings for a reader that has seen everything of its channels up to `cursor`. Changes nothing. */
export function readAfter(
  subscription: Subscription,
  history: Rings,
  cursor: Position,
  skips: readonly Skip[],
): Reading {
  const reading: Reading = { trimmed: [], forgotten: [], slices: [] };
  const { startOf, startOfPattern } = createStarts(cursor, skips);
  const { floor } = history;
  const isBeyond = (start: Position) => comparePositions(floor, start) > 0;

  // Without a ring nothing tells one forgotten channel from another, so the subscription's own words are reported.
  const forgotten = isBeyond(cursor) ? subscription.patterns.filter((each) => isBeyond(startOfPattern(each))) : [];
  reading.forgotten.push(...forgotten);
  const isForgotten = forgotten.length > 0 ? createCoverage(forgotten).covers : () => false;
  if (isBeyond(cursor)) {
    for (const name of subscription.names) {
      if (!isForgotten(name) && !history.ring(name) && isBeyond(startOf(name))) reading.forgotten.push(name);
    }
  }

  for (const ring of subscription.ringsAfter(history, cursor)) {
    if (isForgotten(ring.channel)) continue;
    const start = startOf(ring.channel);
    if (comparePositions(ring.lostUpTo, start) > 0)
      (ring.lossAssumed ? reading.forgotten : reading.trimmed).push(ring.channel);
    else reading.slices.push({ ring, from: ring.indexAfter(start) });
  }
  return reading;
}

/** Where to read on. Names and patterns are looked up, as there can be one skip for each of many thousand channels. */
function createStarts(cursor: Position, skips: readonly Skip[]) {
  // Nearly always, and asked once for each group and flush.
  if (skips.length === 0) return { startOf: () => cursor, startOfPattern: () => cursor };
  const latest = new Map<string, Position>();
  for (const { channel, until } of skips) latest.set(channel, laterPosition(latest.get(channel) ?? cursor, until));
  const patterns = [...latest].filter(([channel]) => isPattern(channel));
  const listedStart = (channel: string) => latest.get(channel) ?? cursor;
  if (patterns.length === 0) return { startOf: listedStart, startOfPattern: listedStart };
  const index = createPatternIndex<Position>();
  for (const [pattern, until] of patterns) index.add(pattern, until);
  return {
    startOf: (channel: string) => index.match(channel).reduce(laterPosition, listedStart(channel)),
    startOfPattern: listedStart,
  };
}
