import { encodeGap, encodeHeartbeat, encodeIdBlock } from "./control-frames.ts";
import type { Counters } from "./counters.ts";
import { comparePositions, formatEventId, laterPosition, type Position } from "./event-id.ts";
import { type Batch, type Group, type GroupMember, MAX_WRITE_BYTES } from "./group.ts";
import { joinChunks } from "./join-chunks.ts";
import { createLiveness } from "./liveness.ts";
import { type ResumePlan, skipsOf } from "./resume.ts";
import type { Sink } from "./sink.ts";

/** One open stream. It owns a position in the log, not a queue. */
export interface Connection extends GroupMember {
  readonly id: string;
  /** Writes what is due on its own, outside a flush: at the start, and when the peer has taken something. */
  proceed(): void;
  /**
   * Writes a heartbeat when one is due by `now`, and drops a peer that takes nothing for too long. A stream that is up
   * to date has been written everything up to `flushedTo`.
   */
  tick(now: number, graceMs: number, flushedTo: Position): void;
  /** Writes last words and ends the stream. */
  end(lastWords: string): void;
  /** Drops the stream at once. */
  destroy(): void;
  /** Forgets the stream. Called by the sink; does its work once. */
  closed(): void;
}

/** What all connections of a hub share. */
export interface ConnectionContext {
  readonly epoch: string;
  readonly counters: Counters;
  readonly heartbeatMs: number | null;
  readonly slow: { readonly maxBufferedBytes: number; readonly stallMs: number };
  head(): Position;
  now(): number;
  random(): number;
  encode(text: string): Uint8Array;
}

/** What one connection starts from. */
export interface ConnectionStart {
  readonly id: string;
  readonly group: Group;
  readonly sink: Sink;
  readonly plan: ResumePlan;
  /** Goes out before anything else. */
  readonly prelude: string;
  /** Called once, when the stream is over. */
  onClosed(connection: Connection): void;
}

/** Creates the connection of an accepted request. Nothing is written before it is told to proceed. */
export function createConnection(context: ConnectionContext, start: ConnectionStart): Connection {
  const { id, group, sink, plan, prelude } = start;
  const { epoch, counters, slow, heartbeatMs, random } = context;
  const liveness = createLiveness({ heartbeatMs, stallMs: slow.stallMs, random }, context.now());
  let { cursor, skips } = plan;
  let initial = plan.initial;
  let control = prelude;
  let live = false;
  let announced = false;
  let open = true;
  let ended = false;

  function closed() {
    if (!open) return;
    open = false;
    initial = [];
    sink.release();
    start.onClosed(connection);
  }

  function destroy() {
    if (open) sink.destroy();
    closed();
  }

  /** Returns false when the peer is gone, which a failed write may be the first to tell. */
  function write(chunk: Uint8Array, now: number): boolean {
    try {
      sink.write(chunk);
    } catch {
      destroy();
    }
    if (!open) return false;
    counters.bytes += chunk.byteLength;
    liveness.wrote(now, sink.buffered());
    return true;
  }

  function next(): Uint8Array | undefined {
    // Once per event and stream: pass the shared bytes on without building anything.
    if (announced && !live && control === "" && initial.length === 0) {
      const batch = group.batchAfter(cursor, skips);
      if (batch.gaps.length === 0) {
        advance(batch);
        return batch.bytes;
      }
    }
    const chunks: Uint8Array[] = [];
    const take = (chunk: Uint8Array) => chunks.push(chunk);
    if (control !== "") {
      take(context.encode(control));
      control = "";
    }
    if (initial.length > 0) takeInitial(take);
    else if (!live) takeBatch(take);
    return joinChunks(chunks);
  }

  function takeInitial(take: (chunk: Uint8Array) => void) {
    let count = 0;
    for (let bytes = 0; count < initial.length; count++) {
      const { frame } = initial[count]!;
      if (count > 0 && bytes + frame.byteLength > MAX_WRITE_BYTES) break;
      bytes += frame.byteLength;
      take(frame);
    }
    counters.deliveries += count;
    initial = initial.slice(count);
    if (initial.length === 0) takeBatch(take);
  }

  function takeBatch(take: (chunk: Uint8Array) => void) {
    let batch = group.batchAfter(cursor, skips);
    if (batch.gaps.length > 0) {
      const head = context.head();
      for (const gap of batch.gaps) {
        counters.gaps[gap.reason]++;
        take(context.encode(encodeGap(gap, formatEventId(epoch, cursor), formatEventId(epoch, head))));
      }
      skips = [...skips, ...skipsOf(batch.gaps, head)];
      batch = group.batchAfter(cursor, skips);
    }
    if (batch.bytes) take(batch.bytes);
    advance(batch);
    if (live && !announced) {
      // Not before the replay is complete: a link that dies half-way must resume from the last entry it was given.
      announced = true;
      take(context.encode(encodeIdBlock(epoch, cursor)));
    }
  }

  function advance({ count, more, upTo }: Batch) {
    counters.deliveries += count;
    cursor = more ? upTo : context.head();
    if (skips.length > 0) skips = skips.filter(({ until }) => comparePositions(until, cursor) > 0);
    live = !more;
  }

  function deliver(now: number) {
    let wrote = false;
    while (open && !isDone()) {
      const buffered = sink.buffered();
      liveness.looked(now, buffered);
      if (buffered >= slow.maxBufferedBytes) break;
      const chunk = next();
      if (!chunk) continue;
      if (!write(chunk, now)) return;
      wrote = true;
    }
    if (wrote) sink.flush();
  }

  /** Delivers outside a flush, after which nobody else reads the same batch. */
  function deliverAlone(now: number) {
    deliver(now);
    group.forgetBatches();
  }

  function isDone() {
    return ended || (live && control === "" && initial.length === 0);
  }

  function beat(now: number, flushedTo: Position) {
    // Not the head: another stream's write may have published since, and this stream has not been written that.
    cursor = laterPosition(cursor, flushedTo);
    if (write(context.encode(encodeHeartbeat(epoch, cursor)), now)) sink.flush();
  }

  const connection: Connection = {
    id,
    advanceTo(position) {
      if (!live) return;
      live = false;
      cursor = laterPosition(position, cursor);
    },
    deliver,
    proceed() {
      deliverAlone(context.now());
    },
    tick(now, graceMs, flushedTo) {
      liveness.looked(now, sink.buffered());
      if (liveness.isStalled(now)) {
        counters.slowDisconnects++;
        destroy();
        return;
      }
      deliverAlone(now);
      const writable = live && !ended && sink.buffered() < slow.maxBufferedBytes;
      if (writable && liveness.isBeatDue(now, graceMs)) beat(now, flushedTo);
    },
    end(lastWords) {
      if (ended) return;
      const now = context.now();
      deliverAlone(now);
      ended = true;
      if (open && write(context.encode(lastWords), now)) sink.end();
    },
    destroy,
    closed,
  };
  return connection;
}
