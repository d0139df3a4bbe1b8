import { type Asides, createAsides } from "./aside.ts";
import { createBookmark } from "./bookmark.ts";
import type { ConnectionContext } from "./connection-context.ts";
import { encodeHeartbeat } from "./control-frames.ts";
import type { Course } from "./course.ts";
import type { DisconnectReason } from "./disconnect-reason.ts";
import type { EventFilter } from "./event-guard.ts";
import type { Position } from "./event-id.ts";
import type { Group, GroupMember } from "./group.ts";
import { createLiveness, isStalled, noteEnd, noteLook, noteWrite, takeBeat } from "./liveness.ts";
import type { Mail } from "./mailboxes.ts";
import type { Pass } from "./pass.ts";
import type { ResumePlan } from "./resume.ts";
import type { Sink } from "./sink.ts";

/** One open stream. It owns a position in the log, not a queue. */
export interface Connection extends GroupMember {
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
  /** Forgets the stream. Called by the sink; does its work once. */
  closed(): void;
}

/** What one connection starts from. */
export interface ConnectionStart {
  readonly id: string;
  readonly pass: Pass;
  readonly connectedAt: number;
  readonly group: Group;
  /** What is addressed to its user. */
  readonly inbox: Mail | undefined;
  /** What its client may get; `undefined` for everything. */
  readonly filter: EventFilter | undefined;
  readonly sink: Sink;
  readonly plan: ResumePlan;
  /** Goes out before anything else. */
  readonly prelude: string;
  /** Called once, when the stream is over. */
  onClosed(connection: Connection, reason: DisconnectReason): void;
}

/** Creates the connection of an accepted request. Nothing is written before it is told to proceed. */
export function createConnection(context: ConnectionContext, start: ConnectionStart): Connection {
  // All of it here: a closure that names `start` would keep the plan and the prelude for as long as the stream.
  const { id, pass, connectedAt, group, sink, plan, prelude, inbox, filter, onClosed } = start;
  const { epoch, counters, slow } = context;
  const liveness = createLiveness(context, context.now());
  const bookmark = createBookmark(context, { group, inbox, filter, plan, prelude });
  let open = true;
  let ended = false;
  // The first one: what comes of an end is not another reason.
  let over: DisconnectReason | undefined;

  function closed() {
    if (!open) return;
    open = false;
    bookmark.close();
    sink.release();
    onClosed(connection, over ?? "client");
  }

  function destroy(reason: DisconnectReason) {
    over ??= reason;
    if (open) sink.destroy();
    closed();
  }

  /** Returns false when the peer is gone, which a failed write may be the first to tell. */
  function write(chunk: Uint8Array, now: number, note = noteWrite): boolean {
    try {
      sink.write(chunk);
    } catch {
      destroy("write-failed");
    }
    if (!open) return false;
    counters.bytes += chunk.byteLength;
    note(liveness, now, sink.buffered());
    return true;
  }

  /** Has what was written leave. It can fail like a write where middleware is in between. */
  function passOn() {
    try {
      sink.flush();
    } catch {
      destroy("write-failed");
    }
  }

  /** Returns true when the asides are among what was written. */
  function writeDue(now: number, asides: Asides | undefined): boolean {
    let untold = asides;
    let wrote = false;
    while (open && !ended && (untold || bookmark.isDue())) {
      const buffered = sink.buffered();
      noteLook(liveness, now, buffered);
      if (buffered >= slow.maxBufferedBytes) break;
      let chunk = bookmark.isDue() ? bookmark.next() : undefined;
      if (untold && !bookmark.isDue()) {
        chunk = untold.after(chunk);
        untold = undefined;
      }
      if (!chunk) continue;
      if (!write(chunk, now)) return false;
      wrote = true;
    }
    if (wrote) passOn();
    return !untold;
  }

  function deliver(now: number, told?: Asides) {
    if (!filter || !told) return deliverAllowed(now, told);
    const allowed = new Set(told.list.filter(filter.allowsAside));
    deliverAllowed(now, createAsides([...allowed]));
    for (const aside of told.list) if (!allowed.has(aside)) aside.settle?.(false);
  }

  function deliverAllowed(now: number, asides: Asides | undefined) {
    const told = writeDue(now, asides);
    if (!asides) return;
    if (told) counters.deliveries += asides.events;
    else counters.ephemeralDropped += asides.events;
    for (const { settle } of asides.list) settle?.(told);
  }

  /** Delivers outside a flush, after which nobody else reads the same batch. */
  function deliverAlone(now: number) {
    deliver(now);
    bookmark.group().forgetBatches();
  }

  function beat(now: number, flushedTo: Position) {
    // Not the head: another stream's write may have published since, and this stream has not been written that.
    const cursor = bookmark.writtenTo(flushedTo);
    if (write(context.encode(encodeHeartbeat(epoch, cursor, context.visibleHeartbeat)), now)) passOn();
  }

  const connection: Connection = {
    id,
    pass,
    connectedAt,
    filter,
    // Not wrapped, as each connection would keep the wrapper.
    buffered: sink.buffered,
    // No accessors: they give every connection a shape of its own, and each call of a flush pays for that.
    course: bookmark.course,
    group: bookmark.group,
    isOver: () => ended || !open,
    writtenTo: bookmark.writtenTo,
    alter: bookmark.alter,
    advanceTo: bookmark.advanceTo,
    deliver,
    tell(chunk) {
      if (!open || ended) return true;
      const now = context.now();
      const buffered = sink.buffered();
      noteLook(liveness, now, buffered);
      if (buffered >= slow.maxBufferedBytes) return false;
      // Puts off no heartbeat, as these carry the position of a quiet stream forward.
      if (write(chunk, now, noteLook)) passOn();
      return true;
    },
    proceed() {
      deliverAlone(context.now());
    },
    tick(now, graceMs, flushedTo) {
      noteLook(liveness, now, sink.buffered());
      if (isStalled(liveness, slow, now)) {
        // Over HTTP/2 a stream that was ended stays for as long as its request does, with nothing to take.
        if (sink.buffered() > 0) counters.slowDisconnects++;
        destroy("slow");
        return;
      }
      deliverAlone(now);
      const writable = bookmark.isLive() && !ended && sink.buffered() < slow.maxBufferedBytes;
      if (writable && takeBeat(liveness, context, now, graceMs)) beat(now, flushedTo);
    },
    notify(text) {
      if (ended || !open) return;
      bookmark.oweStatus(text);
      deliverAlone(context.now());
    },
    end(lastWords, reason) {
      if (ended) return;
      const now = context.now();
      deliverAlone(now);
      // A write can run code of the application, which may have closed the hub.
      if (ended) return;
      ended = true;
      over ??= reason;
      if (!open || !write(context.encode(lastWords), now)) return;
      noteEnd(liveness, now, slow.policy);
      sink.end();
    },
    destroy,
    closed,
  };
  return connection;
}
