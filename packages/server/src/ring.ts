import { comparePositions, type Position } from "./event-id.ts";

/** One published event as it is kept and sent. */
export interface StoredEntry {
  readonly channel: string;
  readonly position: Position;
  /** The bytes every recipient gets. */
  readonly frame: Uint8Array;
  readonly key: string | undefined;
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
  at(index: number): StoredEntry | undefined;
  /** Index of the first entry after the position; `size` when there is none. */
  indexAfter(position: Position): number;
  push(entry: StoredEntry): void;
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
    indexAfter(position) {
      let low = start;
      let high = entries.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (comparePositions(entries[middle]!.position, position) > 0) high = middle;
        else low = middle + 1;
      }
      return low - start;
    },
    push(entry) {
      entries.push(entry);
      bytes += entry.frame.byteLength;
      newest = entry.position;
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
      return entry;
    },
  };
}
