import { type ChannelView, createChannel, type SSEChannel } from "./channels/channel.ts";
import type { Cursor } from "./channels/cursor.ts";
import type { ChannelDefinition, ChannelMap } from "./channels/define-channels.ts";
import { createDelivery } from "./channels/delivery.ts";
import { concerns } from "./channels/pattern.ts";
import { createRouter } from "./channels/router.ts";
import type { Healer, SnapshotSource } from "./channels/snapshot.ts";
import type { ClientView, SSEClient } from "./client.ts";
import type { Attempt } from "./connection/attempt.ts";
import { createConnection } from "./connection/connection.ts";
import type { ConnectionState, Gap } from "./connection/status.ts";
import { defaults } from "./defaults.ts";
import { createDefaultEnvironment, shield } from "./environment.ts";
import { SSEError } from "./errors.ts";
import { createSink, type Hello } from "./inbox.ts";
import { createLifecycle } from "./lifecycle.ts";
import { type ClientOptions, checkOptions, type RequestContext } from "./options.ts";
import { resolveRequest } from "./request.ts";
import { createStats } from "./stats.ts";
import { createBatch } from "./store/batch.ts";
import { endWith } from "./store/listeners.ts";
import { combine, type Readable } from "./store/readable.ts";
import type { TransportFactory } from "./transport/transport.ts";

/** Makes a client whose streams are carried by the given transport, unless its options name another one. */
export function createClient<T extends ChannelMap = ChannelMap>(
  options: ClientOptions<T>,
  createTransport: TransportFactory,
): SSEClient<T> {
  checkOptions(options);
  const environment = { ...createDefaultEnvironment(), ...options.environment };
  const { fallback } = options;
  // Maps, as a server may name a channel as it likes, "constructor" too.
  const retain = new Map(Object.entries(options.retain ?? {}));
  const snapshots = new Map(Object.entries(options.snapshots ?? {})) as Map<string, SnapshotSource<unknown>>;
  const batch = createBatch(environment.requestFlush);
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
  const resolve = (
    channels: () => readonly string[] | null = () => null,
    { attempt, cause, signal }: Omit<RequestContext, "lastEventId"> = {
      attempt: 0,
      cause: null,
      signal: new AbortController().signal,
    },
  ) => {
    const context = { attempt, cause, lastEventId: cursor.lastEventId, signal };
    return resolveRequest({ ...options, ...credentials }, context, channels);
  };
  /** A request that is not idempotent is not sent again, unless the stream then continues. */
  const canRepeat = () => options.idempotent || method === "GET" || cursor.lastEventId !== "";
  let method = "GET";

  const start = async (attempt: Attempt) => {
    try {
      const request = await resolve(() => subscription?.request(attempt.signal) ?? null, attempt);
      ({ method } = request);
      if (!attempt.signal.aborted) transport(request, createSink(context, attempt));
    } catch (error) {
      attempt.failed(SSEError.from(error, "request", "A request function threw."));
    }
  };
  const { status, touch, renew, wanted, ...controls } = createConnection(
    options,
    environment,
    batch,
    cursor,
    canRepeat,
    start,
    batch(() => () => subscription?.change()),
    onError,
  );
  const lifecycle = createLifecycle(status);

  /** Keeps nothing open: what only observes, and everything on a server, gets this in place of retain. */
  const observe = () => () => {};
  const onPage = (retain: () => () => void) => (environment.isServer ? observe : retain);
  const createFeed = (name: string, owner: string, definition?: ChannelDefinition<unknown>) => {
    const kept = retain.get(owner) ?? defaults.history;
    return createChannel(
      name,
      definition?.key,
      // A number alone is the limit.
      { limit: kept, ...Object(kept) },
      status,
      onPage(() => want(name, owner)),
      batch,
    );
  };
  const router = createRouter(options.channels, createFeed);
  const recorder = createStats(environment.now, batch, router.counts, options.sentAt as never);
  // What useSSE shows; whoever looks at it only observes.
  const everything = createChannel("*", undefined, { limit: defaults.history }, status, observe, batch);
  const view = combine(status, everything.channel.view, toView) as Readable<ClientView<T>>;
  // Keeping every message for nobody would cost a tenth of receiving it.
  let isViewed = false;
  const delivery = createDelivery(
    cursor,
    recorder,
    (message) => {
      if (isViewed) everything.receive(message);
      lifecycle.emit("message", message);
    },
    onError,
  );

  /** Tells a channel whether the stream carries it. */
  const judge = (name: string, channels: readonly string[]) => {
    if (!concerns(channels, name)) {
      forbidden.add(name);
      const error = new SSEError("channel-forbidden", `Channel "${name}" is forbidden.`, { channel: name });
      router.feed(name).update({ error });
      onError(error);
    } else if (forbidden.delete(name)) router.feed(name).update({ error: null });
  };
  const forbidden = new Set<string>();
  // What the stream was said to carry.
  let granted: readonly string[] | undefined;
  const isAsked = (name: string) => subscription?.carries(name) ?? true;

  const healers = new Map<string, Healer>();
  const heal = () => {
    for (const healer of healers.values()) healer.check();
  };
  const lose = (gap: Gap) => {
    router.setGap(gap);
    for (const [name, healer] of healers) if (concerns(gap.channels, name)) healer.lost(gap, wanted.has(name));
  };
  const context = {
    environment,
    cursor,
    router,
    delivery,
    recorder,
    status,
    wanted,
    touch,
    renew,
    resolve,
    lose,
    judge,
    onError,
    onHello({ conn, heartbeatMs, channels }: Hello, { expect }: Attempt) {
      expect(heartbeatMs);
      granted = channels;
      subscription?.hello(conn);
      for (const name of wanted.list()) if (isAsked(name)) judge(name, channels);
      heal();
    },
    onSubscribed(name: string) {
      subscription?.subscribed(name);
      heal();
    },
  };
  const subscription = options.subscription?.(context);
  const primary = (options.transport ?? createTransport)(context);
  const transport = fallback?.(primary, context) ?? primary;
  const want = (name: string, owner: string) => {
    const end = wanted.add(name);
    const feed = router.feed(name);
    if (!subscription && granted && !forbidden.has(name)) judge(name, granted);
    const source = snapshots.get(owner);
    if (source && !healers.has(name)) {
      const isCarried = () => isAsked(name) && !forbidden.has(name);
      healers.set(name, source({ ...context, feed, isCarried }));
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
  return {
    status,
    stats: recorder.stats,
    get view() {
      isViewed = true;
      return view;
    },
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

function toView(state: ConnectionState, { data, message, history }: ChannelView<unknown>): ClientView {
  return { status: state.status, state, error: state.cause, data, message, messages: history };
}
