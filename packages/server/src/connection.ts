import type { Course } from "./course.ts";
import type { DisconnectReason } from "./disconnect-reason.ts";
import type { EventFilter } from "./event-guard.ts";
import type { Position } from "./event-id.ts";
import type { Group, GroupMember } from "./group.ts";
import type { Inbox } from "./inboxes.ts";
import type { Seat } from "./limits.ts";
import type { Pass } from "./pass.ts";
import type { ResumePlan } from "./resume.ts";
import type { Sink, SinkEvents } from "./sink.ts";

/** One open stream. It owns a position in the log, not a queue. */
export interface Connection extends GroupMember, SinkEvents {
  readonly id: string;
  /** What it is open by; another one of the same user may take its place. */
  pass: Pass;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  /** What its client may get; `undefined` for everything. */
  readonly filter: EventFilter | undefined;
  /** Bytes handed over which the platform still holds. */
  buffered(): number;
  course(): Course;
  /** True once nothing more will be written but what is buffered. */
  isOver(): boolean;
  /** Where it reads on, given that a stream that is up to date has been written everything up to `flushedTo`. */
  writtenTo(flushedTo: Position): Position;
  /** Goes on with another course from where it is. Nothing is written before it is told to proceed. */
  alter(course: Course): void;
  /** Writes what is due on its own, outside a flush: at the start, and when the peer has taken something. */
  proceed(): void;
  /**
   * Writes a heartbeat when one is due by `now`, and drops a peer that takes nothing for too long. A stream that is up
   * to date has been written everything up to `flushedTo`.
   */
  tick(now: number, graceMs: number, flushedTo: Position): void;
  /** Writes what is to be known of the hub, in place of what a peer that is behind has not been told yet. */
  notify(text: string): void;
  /**
   * Writes something that has no place in the log, if the peer takes anything at the moment; false when it does not. Nothing
   * is kept.
   */
  tell(chunk: Uint8Array): boolean;
  /** Writes last words and ends the stream. */
  end(lastWords: string, reason: DisconnectReason): void;
  /** Drops the stream at once. */
  destroy(reason: DisconnectReason): void;
}

/** What one connection starts from. */
export interface ConnectionStart {
  readonly id: string;
  readonly pass: Pass;
  /** To be given up when the stream is over. */
  readonly seat: Seat;
  readonly connectedAt: number;
  readonly group: Group;
  /** What is addressed to its user. */
  readonly inbox: Inbox | undefined;
  /** What its client may get; `undefined` for everything. */
  readonly filter: EventFilter | undefined;
  readonly sink: Sink;
  readonly plan: ResumePlan;
  /** Goes out before anything else. */
  readonly prelude: string;
}
