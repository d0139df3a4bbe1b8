import type { Batch } from "./store/batch.ts";
import { createCell, type Readable } from "./store/readable.ts";

/** Figures since the client was made: immutable, replaced once per frame while they change. */
export interface Stats {
  /** Bytes of event streams received, comments included. */
  readonly bytes: number;
  /** Messages delivered. */
  readonly messages: number;
  /** Messages skipped because they could not be decoded. */
  readonly invalid: number;
  /** Events whose name belongs to no defined channel. */
  readonly unknown: number;
  /** Messages received again and not delivered again. */
  readonly duplicates: number;
  /** Losses the server signalled. */
  readonly gaps: number;
  /** Streams opened. */
  readonly connects: number;
}

/** Counters that are written often and published once per frame. */
export interface StatsRecorder {
  readonly stats: Readable<Stats>;
  /** Adds to a counter and has all of them published. */
  count(name: keyof Stats, by?: number): void;
}

export function createStats(batch: Batch): StatsRecorder {
  const counters = {
    bytes: 0,
    messages: 0,
    invalid: 0,
    unknown: 0,
    duplicates: 0,
    gaps: 0,
    connects: 0,
  };
  const stats = createCell<Stats>({ ...counters });
  const commit = () => stats.stage({ ...counters });
  return {
    stats,
    count(name, by = 1) {
      counters[name] += by;
      batch(commit);
    },
  };
}
