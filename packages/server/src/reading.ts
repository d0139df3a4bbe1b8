import { createCoverage } from "./coverage.ts";
import { comparePositions, laterPosition, type Position } from "./event-id.ts";
import type { Rings } from "./history.ts";
import type { RingSlice } from "./merge.ts";
import { isPattern } from "./pattern.ts";
import { createPatternIndex } from "./pattern-index.ts";
import type { Ring } from "./ring.ts";
import { createSubscription, type Subscription } from "./subscription.ts";

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

/** Mail a reader gets beside the channels it listens to, and which channels of it. */
export interface MailSource {
  readonly mail: readonly Rings[];
  readonly subscription: Subscription;
}

/** All of it, which is the usual case. */
const EVERYTHING = createSubscription(["**"]);

/** Before the first position. */
export const BEFORE_ALL: Position = { major: -1, minor: 0 };

/** All mail of these mailboxes. */
export function allOf(mail: readonly Rings[]): MailSource {
  return { mail, subscription: EVERYTHING };
}

/** Rings that a reader takes something from that is newer than the position; a channel can have several. */
export function ringsAfter(
  subscription: Subscription,
  history: Rings,
  source: MailSource,
  position: Position,
): readonly Ring[] {
  const rings = subscription.ringsAfter(history, position);
  return rings.concat(source.mail.flatMap((each) => source.subscription.ringsAfter(each, position)));
}

/** Rings that a reader without a position may begin with something of; a channel can have several. */
export function openersOf(subscription: Subscription, history: Rings, source: MailSource): readonly Ring[] {
  return openersIn(subscription, history).concat(source.mail.flatMap((each) => openersIn(source.subscription, each)));
}

function openersIn(subscription: Subscription, { floor, openers, ring }: Rings): Ring[] {
  // The usual case, and a walk over every channel of the hub otherwise.
  if (openers.size === 0) return [];
  return subscription.ringsAfter({ floor, openers, ring, newerThan: () => openers }, BEFORE_ALL);
}

/**
 * Looks at the rings for a reader that has seen everything of its channels, and of its mail, up to `cursor`. Changes nothing.
 */
export function readAfter(
  subscription: Subscription,
  history: Rings,
  cursor: Position,
  skips: readonly Skip[],
  source?: MailSource,
): Reading {
  const starts = createStarts(cursor, skips);
  const reading = look(subscription, history, cursor, starts);
  if (!source || source.mail.length === 0) return reading;
  return combine([reading, ...source.mail.map((each) => look(source.subscription, each, cursor, starts))]);
}

/** What is lost of a channel in one place is a gap of the channel, and nothing of it follows from the other. */
function combine(readings: readonly Reading[]): Reading {
  const trimmed = new Set(readings.flatMap((reading) => reading.trimmed));
  const forgotten = new Set(readings.flatMap((reading) => reading.forgotten));
  const slices = readings.flatMap((reading) => reading.slices);
  if (trimmed.size + forgotten.size === 0) return { trimmed: [], forgotten: [], slices };
  if (forgotten.has("**")) return { trimmed: [], forgotten: ["**"], slices: [] };
  const { covers } = createCoverage(forgotten);
  const isGapped = (channel: string) => trimmed.has(channel) || covers(channel);
  return {
    trimmed: [...trimmed],
    forgotten: [...forgotten].filter((channel) => !trimmed.has(channel)),
    slices: slices.filter(({ ring }) => !isGapped(ring.channel)),
  };
}

function look(
  subscription: Subscription,
  history: Rings,
  cursor: Position,
  { startOf, startOfPattern }: Starts,
): Reading {
  const reading: Reading = { trimmed: [], forgotten: [], slices: [] };
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

interface Starts {
  startOf(channel: string): Position;
  startOfPattern(pattern: string): Position;
}

/** Where to read on. Names and patterns are looked up, as there can be one skip for each of many thousand channels. */
function createStarts(cursor: Position, skips: readonly Skip[]): Starts {
  // Nearly always, and asked once for each group and flush.
  if (skips.length === 0) return { startOf: () => cursor, startOfPattern: () => cursor };
  const latest = new Map<string, Position>();
  for (const { channel, until } of skips) latest.set(channel, laterPosition(latest.get(channel) ?? cursor, until));
  const patterns = [...latest].filter(([channel]) => isPattern(channel));
  const listedStart = (channel: string) => latest.get(channel) ?? cursor;
  if (patterns.length === 0) return { startOf: listedStart, startOfPattern: listedStart };
  const index = createPatternIndex<Position>();
  for (const [pattern, until] of patterns) index.add(pattern, until);
  const everything = listedStart("**");
  return {
    startOf: (channel) => index.match(channel).reduce(laterPosition, listedStart(channel)),
    startOfPattern: (pattern) => laterPosition(listedStart(pattern), everything),
  };
}
