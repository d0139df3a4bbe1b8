import { type ChannelView, createChannel, type SSEChannel, type SSEMessage } from "./channels/channel.ts";
import type { Cursor } from "./channels/cursor.ts";
import type { ChannelData, ChannelDefinition, ChannelMap, ChannelName } from "./channels/define-channels.ts";
import { createRouter } from "./channels/router.ts";
import { type Attempt, createConnection } from "./connection/connection.ts";
import type { ConnectionState, ConnectionStatus } from "./connection/status.ts";
import { defaults } from "./defaults.ts";
import { createDefaultEnvironment, report } from "./environment.ts";
import { SSEError } from "./errors.ts";
import { createInbox } from "./inbox.ts";
import { type ClientOptions, checkOptions } from "./options.ts";
import { resolveRequest } from "./request.ts";
import { createStats, type Stats } from "./stats.ts";
import { createBatch } from "./store/batch.ts";
import { combine, type Readable } from "./store/readable.ts";
import { createFetchTransport } from "./transport/fetch-transport.ts";

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
  /** Keeps the connection open until the returned function is called, as subscribing to a channel does. */
  retain(): () => void;
  /**
   * Connects at once, whatever was waiting (but not before a `Retry-After`). Needed only after `disconnect()`, after a
   * final error, or to be connected before anything subscribes; to stay so whoever leaves, use {@link retain}.
   */
  connect(): void;
  /** As {@link connect}, but replaces a connection that is open. */
  reconnect(): void;
  /** Closes until `connect()` or `reconnect()`. No handler is called for a message after it returns. */
  disconnect(): void;
  /** The same as `disconnect()`: nothing of the client remains under way, and `connect()` starts it again. */
  close(): void;
}

/**
 * Makes a client. It connects when something subscribes to a channel, not before.
 *
 * @throws SSEError `invalid-option`
 * @example
 * const client = createSSEClient({ url: "/events", channels });
 * const stop = client.channel("prices").on(({ data }) => console.log(data.symbol, data.price));
 */
export function createSSEClient<T extends ChannelMap = ChannelMap>(options: ClientOptions<T>): SSEClient<T> {
  checkOptions(options);
  const environment = { ...createDefaultEnvironment(), ...options.environment };
  const { now } = environment;
  const batch = createBatch(environment.requestFlush);
  const recorder = createStats(batch);
  const cursor: Cursor = { contract: !!options.contract, resume: null, retryMs: 0, lastEventId: "" };
  const transport = createFetchTransport(environment);
  const onError = (error: SSEError) => {
    try {
      options.onError?.(error);
    } catch (thrown) {
      report(thrown);
    }
  };

  const start = async ({ opened, healthy, failed, ...context }: Attempt) => {
    try {
      const request = await resolveRequest(options, { ...context, lastEventId: cursor.lastEventId });
      const { signal } = request;
      if (signal.aborted) return;
      transport(request, {
        ...inbox.open(signal, healthy, failed),
        open() {
          recorder.count("connects");
          // In contract mode only a byte proves it: a proxy may send headers and hold back the rest.
          if (!cursor.contract) opened();
        },
        bytes(size) {
          recorder.count("bytes", size);
          opened();
        },
        retry(ms) {
          cursor.retryMs = ms;
        },
        end: failed,
      });
    } catch (error) {
      failed(SSEError.from(error, "request", "url or headers threw."));
    }
  };
  const { status, touch, ...controls } = createConnection(options, environment, batch, cursor, start, onError);

  /** Keeps nothing open: what only observes, and everything on a server, gets this in place of retain. */
  const observe = () => () => {};
  const keepOpen = environment.isServer ? observe : controls.retain;
  const createFeed = (name: string, definition?: ChannelDefinition<unknown>, retain = keepOpen) => {
    const limit = options.retain?.[name] ?? defaults.history;
    return createChannel(name, definition?.key, limit, status, retain, batch);
  };
  const router = createRouter(options.channels, createFeed);
  // What useSSE shows; whoever looks at it only observes.
  const everything = createFeed("*", undefined, observe);
  const inbox = createInbox(now, cursor, router, recorder, touch, everything.receive, onError);

  const disconnect = () => {
    inbox.discard();
    controls.disconnect();
  };
  return {
    status,
    stats: recorder.stats,
    view: combine(status, everything.channel.view, toView) as Readable<ClientView<T>>,
    channel: (name) => router.feed(name).channel as SSEChannel<never>,
    ...controls,
    retain: keepOpen,
    disconnect,
    close: disconnect,
  };
}

function toView(state: ConnectionState, { data, message, history }: ChannelView<unknown>): ClientView {
  return { status: state.status, state, error: state.cause, data, message, messages: history };
}
