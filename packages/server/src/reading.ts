import { comparePositions, laterPosition, type Position } from "./event-id.ts";
import type { History } from "./history.ts";
import type { RingSlice } from "./merge.ts";
import { compilePattern } from "./pattern.ts";
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
  history: History,
  cursor: Position,
  skips: readonly Skip[],
): Reading {
  const reading: Reading = { trimmed: [], forgotten: [], slices: [] };
  const startOf = createStart(cursor, skips);
  const { floor } = history;

  // Without a ring nothing tells one forgotten channel from another, so the subscription's own words are reported.
  if (comparePositions(floor, cursor) > 0) {
    for (const pattern of subscription.patterns) {
      if (comparePositions(floor, patternStart(pattern, cursor, skips)) > 0) reading.forgotten.push(pattern);
    }
    const forgotten = reading.forgotten.map(compilePattern);
    for (const name of subscription.names) {
      const covered = forgotten.some((test) => test(name));
      if (!covered && !history.ring(name) && comparePositions(floor, startOf(name)) > 0) reading.forgotten.push(name);
    }
  }

  const forgotten = reading.forgotten.map(compilePattern);
  for (const ring of subscription.ringsAfter(history, cursor)) {
    if (forgotten.some((test) => test(ring.channel))) continue;
    const start = startOf(ring.channel);
    if (comparePositions(ring.lostUpTo, start) > 0)
      (ring.lossAssumed ? reading.forgotten : reading.trimmed).push(ring.channel);
    else reading.slices.push({ ring, from: ring.indexAfter(start) });
  }
  return reading;
}

function createStart(cursor: Position, skips: readonly Skip[]): (channel: string) => Position {
  if (skips.length === 0) return () => cursor;
  const tests = skips.map(({ channel, until }) => ({ covers: compilePattern(channel), until }));
  return (channel) =>
    tests.reduce((start, { covers, until }) => (covers(channel) ? laterPosition(start, until) : start), cursor);
}

function patternStart(pattern: string, cursor: Position, skips: readonly Skip[]): Position {
  const skip = skips.find(({ channel }) => channel === pattern);
  return skip ? laterPosition(cursor, skip.until) : cursor;
}
