import type { Environment } from "./environment.ts";
import { formatEventId, type Position } from "./event-id.ts";
import { type Groups, MAX_WRITE_BYTES } from "./group.ts";
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
  let pendingBytes = 0;
  let cancelFlush: (() => void) | undefined;

  function flush() {
    cancelFlush?.();
    cancelFlush = undefined;
    pendingBytes = 0;
    const now = environment.now();
    for (const group of groups.all()) {
      if (!group.dirty) continue;
      group.dirty = false;
      for (const connection of group.connections) {
        connection.advanceTo(group.base);
        connection.deliver(now);
      }
      group.forgetBatches();
    }
    // Only now: a burst longer than a ring is no loss to those who keep up with it.
    history.settle();
  }

  function markDirty(channel: string): boolean {
    let heard = false;
    for (const group of groups.listeningTo(channel)) {
      heard = true;
      if (group.dirty) continue;
      group.dirty = true;
      group.base = head;
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
      // A full write gains nothing from waiting, and this bounds what one tick can pile up before rings are trimmed.
      if (cancelFlush && pendingBytes + frame.byteLength > MAX_WRITE_BYTES) flush();
      history.add({ channel, position, frame, key, at: environment.now() });
      const heard = markDirty(channel);
      head = position;
      if (!heard && !cancelFlush) return history.settle();
      pendingBytes += frame.byteLength;
      cancelFlush ??= environment.defer(flush);
    },
  };
}
