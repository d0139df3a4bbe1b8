import { comparePositions, laterPosition, ORIGIN, type Position } from "./event-id.ts";
import type { InitialPolicy } from "./initial-policy.ts";
import { createRing, type Ring, type StoredEntry } from "./ring.ts";

/** How much of one channel is kept. */
export interface HistoryLimits {
  /** Entries. */
  readonly size: number;
  /** Bytes of encoded events. */
  readonly bytes: number;
  /** Milliseconds; `null` keeps entries whatever their age. */
  readonly ttlMs: number | null;
}

/** What readers see of a history. */
export interface Rings {
  /** Up to here a channel without a ring may have lost entries. */
  readonly floor: Position;
  ring(channel: string): Ring | undefined;
  /** Rings with something newer than the position. */
  newerThan(position: Position): Iterable<Ring>;
  /** Rings that a stream without a position may begin with something of. */
  readonly openers: ReadonlySet<Ring>;
}

/** The rings of all channels, and what became of those that are no longer remembered. */
export interface History extends Rings {
  /** Counts every change, so that what was read can be reused until the next one. */
  readonly revision: number;
  /** Bytes held, as counted against `historyBytes`: with what entries and channels cost beside their frames. */
  readonly bytes: number;
  /** Number of remembered channels. */
  readonly channels: number;
  /** The most recently published channels, at most `count`. */
  recent(count: number): Ring[];
  /** As for all readers, and the most recently published first. */
  newerThan(position: Position): Iterable<Ring>;
  /**
   * Keeps an entry, and returns the state whose place it takes. Nothing is dropped yet: connections get their chance first.
   */
  add(entry: StoredEntry): StoredEntry | undefined;
  /** Enforces every limit on the rings added to since the last call. */
  settle(): void;
  /** Drops what is too old, in every channel; a call within a second of the last one does nothing. */
  expire(): void;
}

/** What {@link createHistory} needs. */
export interface HistoryConfig {
  limitsFor(channel: string): HistoryLimits;
  /** What streams without a position begin with; `undefined` when that is nothing, whatever the channel. */
  readonly initialFor?: ((channel: string) => InitialPolicy) | undefined;
  /** Cap over all channels in bytes. */
  readonly totalBytes: number;
  /** Up to here entries may have been lost before this history began. @default nothing was */
  readonly floor?: Position;
  now(): number;
}

interface Shelf {
  readonly ring: Ring;
  readonly limits: HistoryLimits;
  readonly initial: InitialPolicy;
  newer: Shelf | undefined;
  older: Shelf | undefined;
}

/** What a channel costs beside its entries, as measured: ring, array, map entry. Many channels with little in each count. */
const CHANNEL_BYTES = 2_048;
/** What an entry costs beside its frame, as measured: object, position, view of the bytes. Small events cost little else. */
const ENTRY_BYTES = 400;
/** Walking every channel at each of a thousand simultaneous connects would be felt; a second more of age is not. */
const EXPIRE_EVERY_MS = 1_000;

/** Creates an empty history. */
export function createHistory({ limitsFor, initialFor, totalBytes, now, ...start }: HistoryConfig): History {
  const shelves = new Map<string, Shelf>();
  const unsettled = new Set<Shelf>();
  const openers = new Set<Ring>();
  // A list by time of publication: its old end is what the hub-wide cap forgets, its new end what readers want.
  let newest: Shelf | undefined;
  let oldest: Shelf | undefined;
  let floor = start.floor ?? ORIGIN;
  let bytes = 0;
  let revision = 0;
  let expiredAt = Number.NEGATIVE_INFINITY;

  function unlink(shelf: Shelf) {
    if (shelf.newer) shelf.newer.older = shelf.older;
    else newest = shelf.older;
    if (shelf.older) shelf.older.newer = shelf.newer;
    else oldest = shelf.newer;
  }

  function linkNewest(shelf: Shelf) {
    shelf.newer = undefined;
    shelf.older = newest;
    if (newest) newest.newer = shelf;
    else oldest = shelf;
    newest = shelf;
  }

  function open(channel: string): Shelf {
    const shelf: Shelf = {
      ring: createRing(channel, floor),
      limits: limitsFor(channel),
      initial: initialFor?.(channel) ?? "none",
      newer: undefined,
      older: undefined,
    };
    shelves.set(channel, shelf);
    bytes += chargeOf(shelf.ring);
    return shelf;
  }

  /** Only for a ring with something in it. */
  function drop(shelf: Shelf) {
    const { ring } = shelf;
    bytes -= ENTRY_BYTES + ring.shift()!.frame.byteLength;
    revision++;
    if (openers.size > 0 && !isOpener(shelf)) openers.delete(ring);
  }

  function trim(shelf: Shelf) {
    const { ring, limits } = shelf;
    while (ring.size > limits.size || ring.bytes > limits.bytes) drop(shelf);
    expireShelf(shelf);
  }

  function expireShelf(shelf: Shelf) {
    const { ring, limits } = shelf;
    if (limits.ttlMs === null) return;
    const deadline = now() - limits.ttlMs;
    for (let entry = ring.at(0); entry && entry.at <= deadline; entry = ring.at(0)) drop(shelf);
  }

  function forget(shelf: Shelf) {
    unlink(shelf);
    shelves.delete(shelf.ring.channel);
    openers.delete(shelf.ring);
    bytes -= chargeOf(shelf.ring);
    floor = laterPosition(floor, shelf.ring.newest);
    revision++;
  }

  return {
    get revision() {
      return revision;
    },
    get bytes() {
      return bytes;
    },
    get channels() {
      return shelves.size;
    },
    get floor() {
      return floor;
    },
    openers,
    recent(count) {
      const rings: Ring[] = [];
      for (let shelf = newest; shelf && rings.length < count; shelf = shelf.older) rings.push(shelf.ring);
      return rings;
    },
    ring: (channel) => shelves.get(channel)?.ring,
    *newerThan(position) {
      for (let shelf = newest; shelf && comparePositions(shelf.ring.newest, position) > 0; shelf = shelf.older)
        yield shelf.ring;
    },
    add(entry) {
      const known = shelves.get(entry.channel);
      const shelf = known ?? open(entry.channel);
      if (known) unlink(known);
      linkNewest(shelf);
      const replaced = shelf.ring.push(entry);
      bytes += ENTRY_BYTES + entry.frame.byteLength;
      if (replaced) bytes -= ENTRY_BYTES + replaced.frame.byteLength;
      if (isOpener(shelf)) openers.add(shelf.ring);
      unsettled.add(shelf);
      revision++;
      return replaced;
    },
    settle() {
      for (const shelf of unsettled) trim(shelf);
      unsettled.clear();
      while (bytes > totalBytes && oldest) forget(oldest);
    },
    expire() {
      if (now() - expiredAt < EXPIRE_EVERY_MS) return;
      expiredAt = now();
      for (const shelf of shelves.values()) expireShelf(shelf);
    },
  };
}

function isOpener({ initial, ring }: Shelf): boolean {
  if (initial === "none") return false;
  return initial === "latest" ? ring.states > 0 : ring.size > 0;
}

function chargeOf({ channel, size, bytes }: Ring): number {
  return CHANNEL_BYTES + channel.length * 2 + size * ENTRY_BYTES + bytes;
}
