import type { Environment } from "./environment.ts";
import { formatEventId, type Position } from "./event-id.ts";
import { type Group, type Groups, MAX_WRITE_BYTES } from "./group.ts";
import type { History } from "./history.ts";
import type { LogEntry, LogReader } from "./log.ts";

/** Turns log entries into history and, once per tick, into writes. */
export interface Delivery extends LogReader {
  /** Position of the newest entry ingested. */
  readonly head: Position;
  /** Writes what is due now instead of at the end of the tick. */
  flush(): void;
}

/** What {@link createDelivery} needs. */
export interface DeliveryConfig {
  readonly epoch: string;
  readonly head: Position;
  readonly history: History;
  readonly groups: Groups;
  readonly environment: Environment;
  encode(text: string): Uint8Array;
}

/** Creates the delivery of one hub. */
export function createDelivery(config: DeliveryConfig): Delivery {
  const { epoch, history, groups, environment, encode } = config;
  let head = config.head;
  // With the head just before a group's first undelivered entry: what streams that were up to date had seen.
  const dirty = new Map<Group, Position>();
  let flushing = false;
  let postponed = false;
  let pendingBytes = 0;
  let cancelFlush: (() => void) | undefined;

  function flush() {
    cancelFlush?.();
    cancelFlush = undefined;
    pendingBytes = 0;
    // A write can run code of the application, which may publish or close the hub: this is entered again then.
    const outermost = !flushing;
    flushing = true;
    try {
      const now = environment.now();
      for (const [group, base] of [...dirty]) {
        if (dirty.delete(group)) flushGroup(group, base, now);
      }
    } finally {
      flushing = !outermost;
    }
    if (outermost) settle();
  }

  /** Only after everybody had their turn: a burst longer than a ring is no loss to those who keep up with it. */
  function settle() {
    // Once, as an application that answers every write with an event would put it off for ever.
    postponed = dirty.size > 0 && !postponed;
    if (!postponed) history.settle();
  }

  function flushGroup(group: Group, base: Position, now: number) {
    // All before the first write: what is published by one must not look delivered to those that come after it.
    for (const connection of group.connections) connection.advanceTo(base);
    for (const connection of group.connections) connection.deliver(now);
    group.forgetBatches();
  }

  function markDirty(channel: string): boolean {
    let heard = false;
    for (const group of groups.listeningTo(channel)) {
      heard = true;
      if (!dirty.has(group)) dirty.set(group, head);
    }
    return heard;
  }

  return {
    get head() {
      return head;
    },
    flush,
    ingest({ channel, body, key, position }: LogEntry) {
      const frame = encode(`id: ${formatEventId(epoch, position)}\n${body}`);
      history.add({ channel, position, frame, key, at: environment.now() });
      const heard = markDirty(channel);
      head = position;
      if (!heard && !cancelFlush) {
        if (!flushing) history.settle();
        return;
      }
      pendingBytes += frame.byteLength;
      // A write that is full, should the next event be like this one, gains nothing from waiting, and this bounds what one
      // tick can pile up before rings are trimmed. Last of all, as a write can publish, and that must come after this.
      if (cancelFlush && !flushing && pendingBytes + frame.byteLength > MAX_WRITE_BYTES) return flush();
      cancelFlush ??= environment.defer(flush);
    },
  };
}
