import type { SSEChannel, SSEMessage, SubscribeOptions } from "./channels/channel.ts";
import type { ChannelData, ChannelMap, ChannelName } from "./channels/define-channels.ts";
import type { ConnectionState, ConnectionStatus } from "./connection/status.ts";
import type { SSEError } from "./errors.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { ClientOptions } from "./options.ts";
import type { Stats } from "./stats.ts";
import type { Readable } from "./store/readable.ts";

/** Everything a component shows of a client, as one immutable snapshot. */
export interface ClientView<T extends ChannelMap = ChannelMap> {
  /** The same as `state.status`. */
  readonly status: ConnectionStatus;
  readonly state: ConnectionState;
  /** What ended the last stream or attempt; `null` while all is well. */
  readonly error: SSEError | null;
  /** Data of the newest message of any channel; `undefined` before the first. */
  readonly data: T[keyof T] | undefined;
  /** The newest message of any channel; `null` before the first. */
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
  /** State and messages as one value; messages from the first look at it on. Subscribing only observes. */
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
   * does. With `query()` or `dynamic()` as `subscription` it subscribes to no channel.
   */
  retain(options?: SubscribeOptions): () => void;
  /**
   * Connects at once, whatever was waiting (but not before a `Retry-After`). Needed only after `disconnect()`, after a
   * final error, or to be connected before anything subscribes; to stay so whoever leaves, use {@link retain}.
   */
  connect(): void;
  /** As {@link connect}, but replaces a connection that is open. */
  reconnect(): void;
  /**
   * Closes until `connect()` or `reconnect()`. No handler is called for a message after it returns; only the other handlers of
   * the message from whose handler it was called still get that one.
   */
  disconnect(): void;
  /**
   * Holds the connection back until `resume` has been called for every reason; the next stream continues where this one
   * ended. A paused client connects for nobody.
   * @param reason - shown in `pausedBy`. @default "user"
   */
  pause(reason?: string): void;
  /**
   * Takes one reason back; the connection goes on with the last one. Without effect for a reason that was not given.
   * @param reason - as given to {@link pause}. @default "user"
   */
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
