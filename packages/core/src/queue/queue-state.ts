import type { SSEMessage } from "../channels/channel.ts";

/** A message in a queue, and what has become of it; immutable, replaced at every change. */
export interface QueueEntry<Data> {
  /** Counts the messages of a queue in the order they came, from 1: a key for lists. */
  readonly id: number;
  readonly message: SSEMessage<Data>;
  /** How often the handler has been called for it, the call under way included. */
  readonly attempts: number;
  /** What the handler threw last, as it was thrown; `undefined` before that and once processed. */
  readonly error: unknown;
  /** When the handler is called again (ms since 1970); `null` unless it waits for an automatic retry. */
  readonly nextAttemptAt: number | null;
  /** When it was processed or failed (ms since 1970); `null` before. */
  readonly settledAt: number | null;
}

/** The messages of a queue by state. Each list keeps its reference until something in it changes. */
export interface QueueEntries<Data> {
  /** The handler is working on these: at most `concurrency`, together with `retrying`. */
  readonly running: readonly QueueEntry<Data>[];
  /** These failed and are tried again by themselves, at `nextAttemptAt`. */
  readonly retrying: readonly QueueEntry<Data>[];
  /** Next ones first. At most `limit`; once closed also those that were under way. */
  readonly waiting: readonly QueueEntry<Data>[];
  /** Given up until `retryFailed()`, in the order they failed. At most `limit`. */
  readonly failed: readonly QueueEntry<Data>[];
  /** Done, oldest first: those of the last `processedMs`, at most `limit`. */
  readonly processed: readonly QueueEntry<Data>[];
}

/**
 * Everything there is to show of a queue. Every message received is counted in exactly one of the four numbers, until
 * `clear()` begins anew.
 */
export interface QueueState<Data> {
  /** Messages whose handler has succeeded, also those no longer in `entries.processed`. */
  readonly processed: number;
  /** Messages that wait or are being worked on: `running`, `retrying` and `waiting` together. */
  readonly unprocessed: number;
  /** Messages in `entries.failed`. */
  readonly failed: number;
  /** Messages given up for lack of room, or replaced by a newer one of the same key (`overflow: "coalesce"`). */
  readonly dropped: number;
  /** No handler is started at present: see `holdWhile` and `pause()`. `false` once closed. */
  readonly isHeld: boolean;
  readonly entries: QueueEntries<Data>;
}

/** A count of a queue's state and the messages in it. */
export type QueuePart = "processed" | "unprocessed" | "failed" | "dropped";
