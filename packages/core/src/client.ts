import {
  type ChannelView,
  createChannel,
  type SSEChannel,
  type SSEMessage,
  type SubscribeOptions,
} from "./channels/channel.ts";
import type { Cursor } from "./channels/cursor.ts";
import type { ChannelData, ChannelDefinition, ChannelMap, ChannelName } from "./channels/define-channels.ts";
import { createDelivery } from "./channels/delivery.ts";
import { concerns } from "./channels/pattern.ts";
import { createRouter } from "./channels/router.ts";
import type { Healer, SnapshotSource } from "./channels/snapshot.ts";
import { type Attempt, createConnection } from "./connection/connection.ts";
import type { ConnectionState, ConnectionStatus, Gap } from "./connection/status.ts";
import { defaults } from "./defaults.ts";
import { createDefaultEnvironment, shield } from "./environment.ts";
import { SSEError } from "./errors.ts";
import { type Hello, readStream } from "./inbox.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import { type ClientOptions, checkOptions } from "./options.ts";
import { resolveRequest } from "./request.ts";
import { createStats, type Stats } from "./stats.ts";
import { createBatch } from "./store/batch.ts";
import { endWith } from "./store/listeners.ts";
import { combine, type Readable } from "./store/readable.ts";
import type { TransportFactory } from "./transport/transport.ts";

/** Everything a component shows of a client, as one immutable snapshot. */
export interface ClientView<T extends ChannelMap = ChannelMap> {
  readonly status: ConnectionStatus;
  readonly state: ConnectionState;
  /** What ended the last stream or attempt; `null` while all is well. */
  readonly error: SSEError | null;
  /** Data of the newest message of any channel; `undefined` before the first. */
  readonly data: T[keyof T] | undefined;
  readonly message: SSEMessage<T[keyof T]> | null;
  /** The newest messages of all channels, oldest first, at most 100. */
  readonly messages: readonly SSEMessage<T[keyof T]>[];
}

/** One connection to one event stream, and everything that is known from it. */
export interface SSEClient<T extends ChannelMap = ChannelMap> {
  /** The connection's state. Subscribing only observes: it opens nothing. */
  readonly status: Readable<ConnectionState>;
  /** Figures about the streams. Subscribing only observes. */
  readonly stats: Readable<Stats>;
  /** State and messages as one value. Subscribing only observes. */
  readonly view: Readable<ClientView<T>>;
  /**
   * A channel by its name; the same object for the same name.
   *
   * @throws SSEError `unknown-channel`
   */
  channel<Name extends ChannelName<T>>(name: Name): SSEChannel<ChannelData<T, Name>>;
  /** Calls back for what happens to the connection, at once and in order. Only observes. Returns what ends it. */
  on: Lifecycle["on"];
  /**
   * Keeps the connection open until the returned function is called or the signal aborted, as subscribing to a channel
   * does. With `subscription: "query"` or `"dynamic"` it subscribes to no channel.
   */
  retain(options?: SubscribeOptions): () => void;
  /**
   * Connects at once, whatever was waiting (but not before a `Retry-After`). Needed only after `disconnect()`, after a
   * final error, or to be connected before anything subscribes; to stay so whoever leaves, use {@link retain}.
   */
  connect(): void;
  /** As {@link connect}, but replaces a connection that is open. */
  reconnect(): void;
  /** Closes until `connect()` or `reconnect()`. No handler is called for a message after it returns. */
  disconnect(): void;
  /**
   * Holds the connection back until `resume` has been called for every reason; the next stream continues where this one
   * ended. A paused client connects for nobody.
   * @param reason - shown in `pausedBy`. @default "user"
   */
  pause(reason?: string): void;
  /** @param reason - as given to {@link pause}. @default "user" */
  resume(reason?: string): void;
  /**
   * Uses other headers from the next request on, in place of the option, and makes that request at once: a stream, a wait
   * or a connection closed for its credentials gives way; one that nobody needs or that was disconnected stays so. The
   * position is kept. For another person make another client: this one still shows what the last one received.
   */
  authenticate(headers: ClientOptions["headers"]): void;
  /** What belongs to this client, made once per key: a feature finds its state here whoever asks for it first. */
  extension<Extension>(key: string | symbol | object, create: () => Extension): Extension;
  /** The same as `disconnect()`: nothing of the client remains under way, and `connect()` starts it again. */
  close(): void;
}

/** Makes a client whose streams are carried by the given transport, unless its options name another one. */
export function createClient<T extends ChannelMap = ChannelMap>(
  options: ClientOptions<T>,
  createTransport: TransportFactory,
): SSEClient<T> {
  checkOptions(options);
  const environment = { ...createDefaultEnvironment(), ...options.environment };
  const { now } = environment;
  const { fallback } = options;
  const batch = createBatch(environment.requestFlush);
  const recorder = createStats(now, batch, options.sentAt as never);
  const cursor: Cursor = {
    contract: !!(options.contract || fallback),
    resume: null,
    transport: "fetch",
    retryMs: 0,
    lastEventId: "",
  };
  let credentials: Pick<ClientOptions, "headers"> = {};
  const onError = (error: SSEError) => {
    shield(() => options.onError?.(error));
    lifecycle.emit("error", error);
  };
  const resolve = (context: Pick<Attempt, "attempt" | "cause" | "signal">, channels: () => readonly string[] | null) =>
    resolveRequest({ ...options, ...credentials }, { ...context, lastEventId: cursor.lastEventId }, channels);
  /** A request that is not idempotent is not sent again, unless the stream then continues. */
  const canRepeat = () => options.idempotent || method === "GET" || cursor.lastEventId !== "";
  let method = "GET";

  const start = async ({ opened, hear, expect, healthy, failed, ...context }: Attempt) => {
    try {
      const request = await resolve(context, () => subscription?.request() ?? null);
      const { signal } = request;
      if (signal.aborted) return;
      ({ method } = request);
      const onHello = ({ conn, heartbeatMs, channels }: Hello) => {
        expect(heartbeatMs);
        subscription?.hello(conn);
        for (const name of wanted.list()) judge(name, channels);
        heal();
      };
      transport(request, {
        ...readStream(cursor, router, delivery, recorder, touch, onError, signal, {
          healthy,
          failed,
          hello: onHello,
          gap: lose,
          subscribed(name) {
            subscription?.subscribed(name);
            heal();
          },
        }),
        open(name) {
          recorder.count("connects");
          cursor.transport = name;
          // In contract mode only a byte proves it: a proxy may send headers and hold back the rest.
          if (!cursor.contract) opened();
        },
        bytes(size) {
          recorder.bytes(size);
          hear();
          opened();
        },
        retry(ms) {
          cursor.retryMs = ms;
        },
        end: failed,
      });
    } catch (error) {
      failed(SSEError.from(error, "request", "url, query, headers, method or body threw."));
    }
  };
  const changed = () => () => subscription?.change();
  const { status, touch, renew, wanted, ...controls } = createConnection(
    options,
    environment,
    batch,
    cursor,
    canRepeat,
    start,
    () => batch(changed),
    onError,
  );
  const lifecycle = createLifecycle(status);

  /** Keeps nothing open: what only observes, and everything on a server, gets this in place of retain. */
  const observe = () => () => {};
  const onPage = (retain: () => () => void) => (environment.isServer ? observe : retain);
  const createFeed = (
    name: string,
    owner: string,
    definition?: ChannelDefinition<unknown>,
    retain = onPage(() => want(name)),
  ) => {
    const kept = own(options.retain, owner) ?? defaults.history;
    return createChannel(
      name,
      definition?.key,
      typeof kept === "number" ? { limit: kept } : kept,
      status,
      retain,
      batch,
    );
  };
  const router = createRouter(options.channels, createFeed);
  // What useSSE shows; whoever looks at it only observes.
  const everything = createFeed("*", "*", undefined, observe);
  const delivery = createDelivery(
    now,
    cursor,
    recorder,
    (message) => {
      everything.receive(message);
      lifecycle.emit("message", message);
    },
    onError,
  );

  /** Tells a channel whether the stream carries it. */
  const judge = (name: string, channels: readonly string[]) => {
    const feed = router.feed(name);
    if (!concerns(channels, name)) {
      const error = new SSEError("channel-forbidden", `Channel "${name}" is not for this client.`, { channel: name });
      feed.update({ error });
      onError(error);
    } else if (feed.channel.view.get().error?.code === "channel-forbidden") feed.update({ error: null });
  };

  const healers = new Map<string, Healer>();
  const heal = () => {
    for (const healer of healers.values()) healer.check();
  };
  const lose = (gap: Gap) => {
    router.setGap(gap);
    for (const [name, healer] of healers) if (wanted.has(name) && concerns(gap.channels, name)) healer.lost(gap);
  };
  const subscription = options.subscription?.({
    environment,
    wanted,
    cursor,
    router,
    delivery,
    renew,
    resolve: () => resolve({ attempt: 0, cause: null, signal: new AbortController().signal }, () => null),
    lose,
    judge,
  });
  const want = (name: string) => {
    const end = wanted.add(name);
    const feed = router.feed(name);
    const source = own<SnapshotSource<unknown>>(options.snapshots as never, router.owner(name));
    if (source && !healers.has(name)) {
      const isCarried = () => subscription?.carries(name) ?? true;
      healers.set(name, source({ feed, delivery, environment, status, isCarried, onError }));
    }
    healers.get(name)?.want(feed.channel.gap.get());
    return end;
  };
  status.subscribe(heal);

  const disconnect = () => {
    delivery.discard();
    controls.disconnect();
  };
  const extensions = new Map<unknown, unknown>();
  const context = { environment, events: router.events };
  const primary = (options.transport ?? createTransport)(context);
  const transport = fallback?.(primary, context) ?? primary;
  return {
    status,
    stats: recorder.stats,
    view: combine(status, everything.channel.view, toView) as Readable<ClientView<T>>,
    channel: (name) => router.feed(name).channel as SSEChannel<never>,
    ...controls,
    on: lifecycle.on,
    retain: ({ signal } = {}) =>
      endWith(
        signal,
        onPage(() => wanted.add("")),
      ),
    disconnect,
    close: disconnect,
    authenticate(headers) {
      credentials = { headers };
      renew(true);
    },
    extension<Extension>(key: string | symbol | object, create: () => Extension) {
      if (!extensions.has(key)) extensions.set(key, create());
      return extensions.get(key) as Extension;
    },
  };
}

/** A server may name a channel as it likes, "constructor" too. */
function own<Value>(record: Readonly<Record<string, Value | undefined>> | undefined, name: string): Value | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}

function toView(state: ConnectionState, { data, message, history }: ChannelView<unknown>): ClientView {
  return { status: state.status, state, error: state.cause, data, message, messages: history };
}
