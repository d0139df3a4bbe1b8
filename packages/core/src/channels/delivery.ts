import { report } from "../environment.ts";
import type { SSEError } from "../errors.ts";
import type { StatsRecorder } from "../stats.ts";
import type { RawEvent } from "../transport/transport.ts";
import type { ChannelFeed, SSEMessage } from "./channel.ts";
import type { Cursor } from "./cursor.ts";
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
  /** Each may keep an event from being delivered; see {@link Filter}. */
  readonly filters: Set<Filter>;
  /** Counts an event that was received before. */
  skip(): void;
  /** Resolves when everything taken so far has been handed over; `null` where it has been. */
  pending(): Promise<void> | null;
  /** Hands a message over at once. */
  handOver(message: SSEMessage, feeds: readonly ChannelFeed<unknown>[]): void;
  /** Messages that are still being decoded wait for {@link renew}. */
  discard(): void;
  /** A stream begins. @param signal - aborted when it is over */
  renew(signal: AbortSignal): void;
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
  // What waits so, and how each begins again: no stream brings it a second time.
  const waiting = new Map<Writable, () => void>();
  const filters = new Set<Filter>();

  const handOver: Delivery["handOver"] = (message, feeds) => {
    recorder.message(message);
    for (const feed of feeds) feed.receive(message);
    onMessage(message);
  };

  const deliver = (message: Writable, data: unknown, { feeds }: Route) => {
    waiting.delete(message);
    message.data = data;
    handOver(message, feeds);
  };
  const refuse = (raw: RawEvent, message: Writable, thrown: unknown, { channel, feeds }: Route) => {
    waiting.delete(message);
    const error = toDecodeError(thrown, raw, channel);
    count("invalid");
    for (const feed of feeds) feed.update({ error });
    onError(error);
  };
  const unlessDiscarded = <T, R>(run: (value: T) => R) => {
    const mine = generation;
    return (value: T) => (mine === generation ? run(value) : undefined);
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
  const settle = (pending: Promise<unknown>, raw: RawEvent, route: Route, message: Writable) =>
    pending.then(
      unlessDiscarded((data) => deliver(message, data, route)),
      unlessDiscarded((error) => refuse(raw, message, error, route)),
    );
  const isTaken = (raw: RawEvent, route: Route, message: Writable) => {
    const run = (feeds = route.feeds) => enqueue(raw, { ...route, feeds }, message);
    for (const filter of filters) if (filter(route.channel, raw.id, run, route.feeds)) return true;
    return false;
  };
  // Nothing is created here that a message without filters and asynchronous schemas does not need.
  const enqueue = (raw: RawEvent, route: Route, message: Writable) => {
    if (!filters.size || !isTaken(raw, route, message)) begin(raw, route, message);
  };
  const begin = (raw: RawEvent, route: Route, message: Writable) => {
    const pending = tail ?? accept(raw, route, message);
    if (pending) wait(pending, raw, route, message);
  };
  const wait = (pending: Promise<void>, raw: RawEvent, route: Route, message: Writable) => {
    waiting.set(message, () => begin(raw, route, message));
    // Behind another one it is still to be decoded.
    const own = tail ? pending.then(unlessDiscarded(() => accept(raw, route, message))) : pending;
    const last = own.catch(report).then(() => {
      if (tail === last) tail = null;
    });
    tail = last;
  };

  return {
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
    pending: () => tail,
    handOver,
    discard() {
      generation++;
      tail = null;
    },
    renew(signal) {
      // What waits behind a stream that broke is on its way.
      if (tail) return;
      for (const [message, again] of [...waiting]) {
        if (signal.aborted) return;
        waiting.delete(message);
        again();
      }
    },
  };
}
