import { comparePositions, type Position } from "./event-id.ts";

/** One published event as it is kept and sent. */
export interface StoredEntry {
  readonly channel: string;
  readonly position: Position;
  /** The bytes every recipient gets. */
  readonly frame: Uint8Array;
  readonly key: string | undefined;
  /** True where it is the newest state of its key and takes the place of the one before. */
  readonly latest?: boolean | undefined;
  /** Whom it is addressed to instead of those who listen to the channel. */
  readonly to?: string | undefined;
  /** When it was ingested, in the environment's milliseconds. */
  readonly at: number;
}

/** The recent entries of one channel, oldest first, and how much of it is gone. */
export interface Ring {
  readonly channel: string;
  readonly size: number;
  /** Bytes of the kept frames. */
  readonly bytes: number;
  /** Position of the newest entry ever pushed, kept or not. */
  readonly newest: Position;
  /** Position of the newest entry that is no longer kept. */
  readonly lostUpTo: Position;
  /** True while `lostUpTo` only says that something may have been lost before this ring existed. */
  readonly lossAssumed: boolean;
  /** Number of kept entries that are the newest state of their key. */
  readonly states: number;
  /** True once an entry had a key. */
  readonly isKeyed: boolean;
  at(index: number): StoredEntry | undefined;
  /** Index of the first entry after the position; `size` when there is none. */
  indexAfter(position: Position): number;
  /** Adds an entry. Returns the state whose place it takes, which is no loss. */
  push(entry: StoredEntry): StoredEntry | undefined;
  shift(): StoredEntry | undefined;
}

/** Below this many dead slots moving the array costs more than it frees. */
const COMPACT_AT = 64;

/** Creates an empty ring. `floor` is the position up to which losses cannot be excluded. */
export function createRing(channel: string, floor: Position): Ring {
  let entries: (StoredEntry | undefined)[] = [];
  let start = 0;
  let bytes = 0;
  let newest = floor;
  let lostUpTo = floor;
  let lossAssumed = true;
  let isKeyed = false;
  // Only where there is one, as most channels have none.
  let states: Map<string, StoredEntry> | undefined;

  function indexAfter(position: Position): number {
    let low = start;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (comparePositions(entries[middle]!.position, position) > 0) high = middle;
      else low = middle + 1;
    }
    return low - start;
  }

  /** Notes the newest state of a key and takes out the one before. */
  function replace(entry: StoredEntry): StoredEntry | undefined {
    states ??= new Map();
    const key = entry.key ?? "";
    const old = states.get(key);
    states.set(key, entry);
    if (!old) return undefined;
    entries.splice(start + indexAfter(old.position) - 1, 1);
    bytes -= old.frame.byteLength;
    return old;
  }

  return {
    channel,
    get size() {
      return entries.length - start;
    },
    get bytes() {
      return bytes;
    },
    get newest() {
      return newest;
    },
    get lostUpTo() {
      return lostUpTo;
    },
    get lossAssumed() {
      return lossAssumed;
    },
    at(index) {
      return entries[start + index];
    },
    get states() {
      return states?.size ?? 0;
    },
    get isKeyed() {
      return isKeyed;
    },
    indexAfter,
    push(entry) {
      const replaced = entry.latest ? replace(entry) : undefined;
      entries.push(entry);
      bytes += entry.frame.byteLength;
      newest = entry.position;
      isKeyed ||= entry.key !== undefined;
      return replaced;
    },
    shift() {
      const entry = entries[start];
      if (!entry) return undefined;
      entries[start] = undefined;
      start++;
      if (start >= COMPACT_AT && start * 2 >= entries.length) {
        entries = entries.slice(start);
        start = 0;
      }
      bytes -= entry.frame.byteLength;
      lostUpTo = entry.position;
      lossAssumed = false;
      // Whatever of a key is here, only the newest is its state.
      if (entry.latest) states?.delete(entry.key ?? "");
      return entry;
    },
  };
}
