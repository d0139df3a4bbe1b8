import type { Position } from "./event-id.ts";
import type { LogStatus } from "./log-status.ts";

/** What a hub hands over to be ordered. */
export interface LogRecord {
  readonly channel: string;
  /** The event as a block of the stream without its `id:` line. */
  readonly body: string;
  /** What the event is about, if it has a key. */
  readonly key: string | undefined;
  /** `@user/<user>` or `@all`: whom it is for, whatever channels they listen to. @default those who listen to the channel */
  readonly to?: string | undefined;
  /** Only for streams that are open now: not kept, and not replayed. @default false */
  readonly ephemeral?: boolean | undefined;
  /** True for the newest state of its key, which takes the place of the one before. @default false */
  readonly latest?: boolean | undefined;
}

/** A record that has its place. */
export interface LogEntry extends LogRecord {
  readonly position: Position;
}

/** Where a log delivers to. */
export interface LogReader {
  /**
   * Takes the next entry. Positions strictly increase, except that an ephemeral entry needs no place of its own and can
   * have the position of the one before it.
   */
  ingest(entry: LogEntry): void;
  /** Takes note of how the log is. A log that says nothing is up. */
  status(status: LogStatus): void;
}

/**
 * The one total order of a hub's events. A local counter or a shared stream; the hub delivers only what it ingests,
 * never what it publishes, so both behave alike.
 */
export interface Log {
  /** Six base-36 characters that change when the history as a whole is lost. */
  readonly epoch: string;
  /** Position of the newest entry given to the reader. */
  readonly head: Position;
  /** Starts feeding the reader. Called once, before any `append`. */
  open(reader: LogReader): void;
  /** Orders a record. Rejects when that cannot be done. A local log feeds the reader before it returns. */
  append(record: LogRecord): Promise<Position>;
  /** Stops feeding and releases what is held. */
  close(): Promise<void>;
}
