import { type Asides, createAsides } from "./aside.ts";
import { Bookmark } from "./bookmark.ts";
import type { Connection, ConnectionStart } from "./connection.ts";
import type { ConnectionContext } from "./connection-context.ts";
import { encodeHeartbeat } from "./control-frames.ts";
import type { Course } from "./course.ts";
import type { DisconnectReason } from "./disconnect-reason.ts";
import type { EventFilter } from "./event-guard.ts";
import type { Position } from "./event-id.ts";
import type { Group } from "./group.ts";
import type { Inbox } from "./inboxes.ts";
import type { Seat } from "./limits.ts";
import { createLiveness, isStalled, type Liveness, noteEnd, noteLook, noteWrite, takeBeat } from "./liveness.ts";
import type { Pass } from "./pass.ts";
import type { Sink } from "./sink.ts";

/** Who is told, once, that a connection is over. */
export interface ConnectionOwner {
  closed(connection: StreamConnection, reason: DisconnectReason): void;
}

/** The connection of an accepted request. A class, as there are tens of thousands; see docs/decisions/0012. */
export class StreamConnection implements Connection {
  readonly id: string;
  pass: Pass;
  readonly seat: Seat;
  readonly connectedAt: number;
  readonly inbox: Inbox | undefined;
  readonly filter: EventFilter | undefined;
  /** True once the application has been told of it. */
  isKnown = false;
  private readonly context: ConnectionContext;
  private readonly owner: ConnectionOwner;
  private readonly sink: Sink;
  private readonly bookmark: Bookmark;
  private readonly liveness: Liveness;
  private open = true;
  private ended = false;
  // The first one: what comes of an end is not another reason.
  private over: DisconnectReason | undefined = undefined;

  /** Nothing is written before it is told to proceed. */
  constructor(context: ConnectionContext, owner: ConnectionOwner, start: ConnectionStart) {
    this.id = start.id;
    this.pass = start.pass;
    this.seat = start.seat;
    this.connectedAt = start.connectedAt;
    this.inbox = start.inbox;
    this.filter = start.filter;
    this.context = context;
    this.owner = owner;
    this.sink = start.sink;
    this.bookmark = new Bookmark(context, start);
    this.liveness = createLiveness(context, context.now());
  }

  buffered(): number {
    return this.sink.buffered();
  }

  group(): Group {
    return this.bookmark.group();
  }

  course(): Course {
    return this.bookmark.course();
  }

  isOver(): boolean {
    return this.ended || !this.open;
  }

  writtenTo(flushedTo: Position): Position {
    return this.bookmark.writtenTo(flushedTo);
  }

  alter(course: Course): void {
    this.bookmark.alter(course);
  }

  advanceTo(position: Position): void {
    this.bookmark.advanceTo(position);
  }

  deliver(now: number, asides?: Asides): void {
    if (asides && this.filter) this.deliverFiltered(now, asides, this.filter);
    else this.deliverAllowed(now, asides);
  }

  proceed(): void {
    this.deliverAlone(this.context.now());
  }

  tell(chunk: Uint8Array): boolean {
    if (this.isOver()) return true;
    const now = this.context.now();
    if (!this.hasRoom(now)) return false;
    // Puts off no heartbeat, as these carry the position of a quiet stream forward.
    if (this.write(chunk, now, noteLook)) this.passOn();
    return true;
  }

  tick(now: number, graceMs: number, flushedTo: Position): void {
    const { context, liveness, sink } = this;
    noteLook(liveness, now, sink.buffered());
    if (isStalled(liveness, context.slow, now)) {
      // Over HTTP/2 a stream that was ended stays for as long as its request does, with nothing to take.
      if (sink.buffered() > 0) context.counters.slowDisconnects++;
      this.destroy("slow");
      return;
    }
    this.deliverAlone(now);
    const isWritable = this.bookmark.isLive() && !this.ended && sink.buffered() < context.slow.maxBufferedBytes;
    if (isWritable && takeBeat(liveness, context, now, graceMs)) this.beat(now, flushedTo);
  }

  notify(text: string): void {
    if (this.isOver()) return;
    this.bookmark.oweStatus(text);
    this.deliverAlone(this.context.now());
  }

  end(lastWords: string, reason: DisconnectReason): void {
    if (this.ended) return;
    const { context } = this;
    const now = context.now();
    this.deliverAlone(now);
    // A write can run code of the application, which may have closed the hub.
    if (this.ended) return;
    this.ended = true;
    this.over ??= reason;
    if (!this.open || !this.write(context.encode(lastWords), now)) return;
    noteEnd(this.liveness, now, context.slow.policy);
    this.sink.end();
  }

  destroy(reason: DisconnectReason): void {
    this.over ??= reason;
    if (this.open) this.sink.destroy();
    this.onClose();
  }

  onDrain(): void {
    this.proceed();
  }

  onClose(): void {
    if (!this.open) return;
    this.open = false;
    this.bookmark.close();
    this.sink.release();
    this.owner.closed(this, this.over ?? "client");
  }

  private hasRoom(now: number): boolean {
    const buffered = this.sink.buffered();
    noteLook(this.liveness, now, buffered);
    return buffered < this.context.slow.maxBufferedBytes;
  }

  /** Returns false when the peer is gone, which a failed write may be the first to tell. */
  private write(chunk: Uint8Array, now: number, note = noteWrite): boolean {
    try {
      this.sink.write(chunk);
    } catch {
      this.destroy("write-failed");
    }
    if (!this.open) return false;
    this.context.counters.bytes += chunk.byteLength;
    note(this.liveness, now, this.sink.buffered());
    return true;
  }

  /** Has what was written leave. It can fail like a write where middleware is in between. */
  private passOn(): void {
    try {
      this.sink.flush();
    } catch {
      this.destroy("write-failed");
    }
  }

  /** Returns true when the asides are among what was written. */
  private writeDue(now: number, asides: Asides | undefined): boolean {
    const { bookmark } = this;
    let untold = asides;
    let wrote = false;
    while (this.open && !this.ended && (untold || bookmark.isDue())) {
      if (!this.hasRoom(now)) break;
      let chunk = bookmark.isDue() ? bookmark.next() : undefined;
      if (untold && !bookmark.isDue()) {
        chunk = untold.after(chunk);
        untold = undefined;
      }
      if (!chunk) continue;
      if (!this.write(chunk, now)) return false;
      wrote = true;
    }
    if (wrote) this.passOn();
    return !untold;
  }

  private deliverFiltered(now: number, { list }: Asides, filter: EventFilter): void {
    const allowed = new Set(list.filter(filter.allowsAside));
    this.deliverAllowed(now, createAsides([...allowed]));
    for (const aside of list) if (!allowed.has(aside)) aside.settle?.(false);
  }

  private deliverAllowed(now: number, asides: Asides | undefined): void {
    const { counters } = this.context;
    const told = this.writeDue(now, asides);
    if (!asides) return;
    if (told) counters.deliveries += asides.list.length;
    else counters.ephemeralDropped += asides.list.length;
    for (const { settle } of asides.list) settle?.(told);
  }

  /** Delivers outside a flush, after which nobody else reads the same batch. */
  private deliverAlone(now: number): void {
    this.deliver(now);
    this.bookmark.group().forgetBatches();
  }

  private beat(now: number, flushedTo: Position): void {
    const { context } = this;
    // Not the head: another stream's write may have published since, and this stream has not been written that.
    const cursor = this.bookmark.writtenTo(flushedTo);
    const chunk = context.encode(encodeHeartbeat(context.epoch, cursor, context.visibleHeartbeat));
    if (this.write(chunk, now)) this.passOn();
  }
}
