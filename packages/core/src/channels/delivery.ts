import type { SSEError } from "../errors.ts";
import type { StatsRecorder } from "../stats.ts";
import type { RawEvent } from "../transport/transport.ts";
import type { ChannelFeed, SSEMessage } from "./channel.ts";
import { advance, type Cursor } from "./cursor.ts";
import { decode, toDecodeError } from "./decode.ts";
import type { Route } from "./router.ts";

type Feeds = readonly ChannelFeed<unknown>[];

/**
 * Looks at an event of a channel, with its own id if it has one.
 *
 * @param run - delivers it, to some of the feeds only if told so
 * @returns true if it takes it: `run` delivers it later
 */
type Filter = (channel: string, id: string | undefined, run: (feeds?: Feeds) => void, feeds: Feeds) => boolean;

/** A message before it has been given to anyone. */
type Writable = { -readonly [Key in keyof SSEMessage]: SSEMessage[Key] };

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
    recorder.message(message);
    for (const feed of feeds) feed.receive(message);
    onMessage(message);
  };

  const deliver = (message: Writable, data: unknown, { feeds }: Route) => {
    settled = message.lastEventId;
    message.data = data;
    handOver(message, feeds);
  };
  const refuse = (raw: RawEvent, message: Writable, thrown: unknown, { channel, feeds }: Route) => {
    const error = toDecodeError(thrown, raw, channel);
    settled = message.lastEventId;
    count("invalid");
    for (const feed of feeds) feed.update({ error });
    onError(error);
  };
  /** Decodes and delivers. Returns a promise only where the schema is asynchronous. */
  const accept = (raw: RawEvent, route: Route, message: Writable): void | Promise<void> => {
    try {
      const data = decode(raw, route.definition);
      if (data instanceof Promise) return settle(data, raw, route, message);
      deliver(message, data, route);
    } catch (error) {
      refuse(raw, message, error, route);
    }
  };
  const settle = (pending: Promise<unknown>, raw: RawEvent, route: Route, message: Writable) => {
    const mine = generation;
    return pending.then(
      (data) => {
        if (mine === generation) deliver(message, data, route);
      },
      (error) => {
        if (mine === generation) refuse(raw, message, error, route);
      },
    );
  };
  const follow = (first: Promise<void>, raw: RawEvent, route: Route, message: Writable) => {
    const mine = generation;
    return first.then(() => (mine === generation ? accept(raw, route, message) : undefined));
  };
  const isTaken = (raw: RawEvent, route: Route, message: Writable) => {
    const run = (feeds = route.feeds) => enqueue(raw, { ...route, feeds }, message);
    for (const filter of filters) if (filter(route.channel, raw.id, run, route.feeds)) return true;
    return false;
  };
  // Nothing is created here that a message without filters and asynchronous schemas does not need.
  const enqueue = (raw: RawEvent, route: Route, message: Writable) => {
    if (filters.size && isTaken(raw, route, message)) return;
    const pending = tail ? follow(tail, raw, route, message) : accept(raw, route, message);
    if (!pending) return;
    if (!tail) settled = raw.id === undefined ? message.lastEventId : before;
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
      enqueue(raw, route, {
        channel: route.channel,
        event,
        data: undefined,
        id,
        lastEventId,
        // When its bytes came: asking the clock for every message would cost as much as counting it.
        receivedAt: recorder.figures.lastByteAt!,
        replayed,
      });
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
