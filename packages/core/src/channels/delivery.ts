import type { SSEError } from "../errors.ts";
import type { StatsRecorder } from "../stats.ts";
import type { RawEvent } from "../transport/transport.ts";
import type { ChannelFeed, SSEMessage } from "./channel.ts";
import { advance, type Cursor } from "./cursor.ts";
import { decode } from "./decode.ts";
import type { Route } from "./router.ts";

/** Looks at an event of a channel, with its own id if it has one. @returns true if it takes it: `run` delivers it later */
export type Filter = (channel: string, id: string | undefined, run: () => void) => boolean;

/** Decodes events and hands them over: in order, and not before what has to come first. */
export interface Delivery {
  /** @param replayed - it had been sent before this connection existed */
  take(raw: RawEvent, route: Route, replayed: boolean): void;
  /** Moves the cursor. @returns false for an id that was received before */
  advance(id: string): boolean;
  /** Each may keep an event from being delivered; see {@link Filter}. */
  readonly filters: Set<Filter>;
  /** Counts an event that was received before. */
  skip(): void;
  /** Hands a message over at once. */
  handOver(message: SSEMessage, feeds: readonly ChannelFeed<unknown>[]): void;
  /** Messages that are still being decoded are not delivered any more. */
  discard(): void;
}

export function createDelivery(
  now: () => number,
  cursor: Cursor,
  recorder: StatsRecorder,
  onMessage: (message: SSEMessage) => void,
  onError: (error: SSEError) => void,
): Delivery {
  const { count } = recorder;
  let generation = 0;
  // Set while a schema is answering asynchronously: whatever follows waits behind it.
  let tail: Promise<void> | null = null;
  // Where the cursor stood before the first message that waits so, and before the last id.
  let settled = "";
  let before = "";
  const filters = new Set<Filter>();

  const handOver: Delivery["handOver"] = (message, feeds) => {
    recorder.message(message, feeds);
    for (const feed of feeds) feed.receive(message);
    onMessage(message);
  };

  /** Decodes and delivers, unless discarded meanwhile. Returns a promise only where the schema is asynchronous. */
  const accept = (
    raw: RawEvent,
    route: Route,
    envelope: Omit<SSEMessage, "data">,
    mine: number,
  ): void | Promise<void> => {
    const { channel, definition, feeds } = route;
    const deliver = (data: unknown) => {
      if (mine !== generation) return;
      settled = envelope.lastEventId;
      handOver({ ...envelope, data }, feeds);
    };
    const refuse = (error: SSEError) => {
      if (mine !== generation) return;
      settled = envelope.lastEventId;
      count("invalid");
      for (const feed of feeds) feed.update({ error });
      onError(error);
    };
    try {
      const data = decode(raw, definition, channel);
      if (data instanceof Promise) return data.then(deliver, refuse);
      deliver(data);
    } catch (error) {
      refuse(error as SSEError);
    }
  };

  const enqueue = (raw: RawEvent, route: Route, envelope: Omit<SSEMessage, "data">) => {
    for (const filter of filters) if (filter(route.channel, raw.id, () => enqueue(raw, route, envelope))) return;
    const mine = generation;
    const step = () => accept(raw, route, envelope, mine);
    const pending = tail ? tail.then(step) : step();
    if (!pending) return;
    if (!tail) settled = raw.id === undefined ? envelope.lastEventId : before;
    const last = pending.then(() => {
      if (tail === last) tail = null;
    });
    tail = last;
  };

  return {
    advance(id) {
      before = cursor.lastEventId;
      return advance(cursor, id);
    },
    take(raw, route, replayed) {
      const { event = "message", id } = raw;
      const { lastEventId } = cursor;
      enqueue(raw, route, { channel: route.channel, event, id, lastEventId, receivedAt: now(), replayed });
    },
    filters,
    skip: () => count("duplicates"),
    handOver,
    discard() {
      generation++;
      // What was received but not delivered counts as never received: the next stream brings it again.
      if (tail) cursor.lastEventId = settled;
      tail = null;
    },
  };
}
