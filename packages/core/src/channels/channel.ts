import type { ConnectionState, Gap } from "../connection/status.ts";
import { report } from "../environment.ts";
import type { SSEError } from "../errors.ts";
import type { Batch } from "../store/batch.ts";
import { createListeners, endAll, endWith } from "../store/listeners.ts";
import { combine, createCell, isShallowEqual, type Readable, select } from "../store/readable.ts";
import type { ChannelDefinition } from "./define-channels.ts";
import { createHistory, type Overflow } from "./history.ts";

/** One message, as given to `on`, `history` and `latest`. */
export interface SSEMessage<Data = unknown> {
  /** The channel's name. */
  readonly channel: string;
  /** The SSE event name it came under. */
  readonly event: string;
  /** Parsed, and checked by the channel's schema. */
  readonly data: Data;
  /** Its own id, where it had one. */
  readonly id?: string | undefined;
  /** The id in force when it came: its own, or the last one before it. */
  readonly lastEventId: string;
  /** When it was received (ms since 1970). */
  readonly receivedAt: number;
  /** It had been sent before this connection existed and was replayed. */
  readonly replayed: boolean;
  /** It is part of a snapshot that has replaced what was known; see the client's `snapshots` option. */
  readonly snapshot?: boolean;
}

/** How many messages are kept, and what happens to one more. */
export interface Retain {
  /** Most messages kept; 0 keeps none. */
  readonly limit: number;
  /** What one message too many does. @default "drop-oldest" */
  readonly overflow?: Overflow;
}

/** Ends a subscription when aborted; one that has been aborted already begins none. */
export interface SubscribeOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Everything a component shows of a channel, as one immutable snapshot. */
export interface ChannelView<Data, Selected = Data> {
  /** Data of the newest message, or what the selector made of it; `undefined` before the first message. */
  readonly data: Selected | undefined;
  /** The newest message. */
  readonly message: SSEMessage<Data> | null;
  /** The newest messages, oldest first. */
  readonly history: readonly SSEMessage<Data>[];
  /** Messages of this channel that are not in `history` any more, or never were: `overflow` tells which. */
  readonly dropped: number;
  /** The last loss on this channel, or `null`; also `null` again once a snapshot has made up for it. */
  readonly gap: Gap | null;
  /** Nothing has come yet and the connection has not been open yet either; or a snapshot is being loaded. */
  readonly loading: boolean;
  /** What keeps messages away: the newest message's decoding error, a refusal, or the connection's final error. */
  readonly error: SSEError | null;
}

/** A typed channel of a client. Every subscription keeps the connection open; on a server none opens it. */
export interface SSEChannel<Data> {
  readonly name: string;
  /** The newest message, or `null`. */
  readonly latest: Readable<SSEMessage<Data> | null>;
  /** The newest messages, oldest first; see the client's `retain` option for how many. */
  readonly history: Readable<readonly SSEMessage<Data>[]>;
  /** The newest data per key, where the definition has `key`; empty otherwise. */
  readonly state: Readable<ReadonlyMap<string, Data>>;
  /** The last loss of messages on this channel, or `null`; also `null` again once a snapshot has made up for it. */
  readonly gap: Readable<Gap | null>;
  /** The connection's state. Subscribing only observes. */
  readonly status: Readable<ConnectionState>;
  /** What a message is about, where the definition has `key`. */
  keyOf?(message: SSEMessage<Data>): string;
  /** Everything a component shows, as one value. */
  readonly view: Readable<ChannelView<Data>>;
  /**
   * Calls back for every message, one by one, as it arrives; nothing is dropped by batching. A callback that throws
   * is reported and does not stop the others. Returns what ends it. See also {@link iterate} and {@link reduce}.
   */
  on(handler: (message: SSEMessage<Data>) => void, options?: SubscribeOptions): () => void;
}

interface Snapshot<Data> {
  latest: SSEMessage<Data> | null;
  history: readonly SSEMessage<Data>[];
  dropped: number;
  state: Map<string, Data>;
  gap: Gap | null;
  error: SSEError | null;
  loading: boolean;
}

/** The client's side of a channel: what feeds it. */
export interface ChannelFeed<Data> {
  readonly channel: SSEChannel<Data>;
  /** Messages received. */
  count: number;
  receive(message: SSEMessage<Data>): void;
  update(change: Partial<Pick<Snapshot<Data>, "gap" | "error" | "state" | "loading">>): void;
}

/** @param retain - keeps the connection open until the returned function is called */
export function createChannel<Data>(
  name: string,
  key: ChannelDefinition<Data>["key"],
  { limit, overflow }: Retain,
  status: Readable<ConnectionState>,
  retain: () => () => void,
  batch: Batch,
): ChannelFeed<Data> {
  type Message = SSEMessage<Data>;
  const handlers = createListeners<Message>();
  const keyOf = key && ((message: Message) => key(message.data));
  const history = createHistory(limit, overflow, keyOf);
  // What the next flush publishes.
  const draft: Snapshot<Data> = {
    latest: null,
    history: [],
    dropped: 0,
    state: new Map(),
    gap: null,
    error: null,
    loading: false,
  };
  const cell = createCell({ ...draft });
  const touch = batch(() => cell.stage({ ...draft, history: history.snapshot(), dropped: history.dropped }));

  /** Whoever listens to any part of the channel needs the connection. */
  const retaining = <T>(source: Readable<T>): Readable<T> => ({
    ...source,
    subscribe: (onChange) => endAll(retain(), source.subscribe(onChange)),
  });
  const part = <T>(selector: (snapshot: Snapshot<Data>) => T) => retaining(select(cell, selector));

  const channel: SSEChannel<Data> = {
    name,
    latest: part((snapshot) => snapshot.latest),
    history: part((snapshot) => snapshot.history),
    state: part<ReadonlyMap<string, Data>>((snapshot) => snapshot.state),
    gap: part((snapshot) => snapshot.gap),
    view: retaining(combine(cell, status, toView<Data>, isShallowEqual)),
    status,
    ...(keyOf && { keyOf }),
    on: (handler, { signal } = {}) => endWith(signal, () => endAll(retain(), handlers.add(handler))),
  };

  const feed: ChannelFeed<Data> = {
    channel,
    count: 0,
    update(change) {
      Object.assign(draft, change);
      touch();
    },
    receive(message) {
      feed.count++;
      draft.latest = message;
      draft.error = null;
      touch();
      try {
        history.push(message);
        if (keyOf) {
          // What has been published is never changed: the first write after a flush makes a copy.
          if (draft.state === cell.get().state) draft.state = new Map(draft.state);
          draft.state.set(keyOf(message), message.data);
        }
      } catch (error) {
        report(error);
      }
      handlers.emit(message);
    },
  };
  return feed;
}

function toView<Data>(snapshot: Snapshot<Data>, { status, openedAt, cause }: ConnectionState): ChannelView<Data> {
  const { latest, history, dropped, gap, error, loading } = snapshot;
  return {
    data: latest?.data,
    message: latest,
    history,
    dropped,
    gap,
    loading: loading || (latest === null && openedAt === null && status !== "closed"),
    error: error ?? (status === "closed" ? cause : null),
  };
}

/**
 * A channel's view with `data` replaced by a part of it. It changes when that part changes, not with every message;
 * `message` and `history` are those of the last change.
 */
export function selectView<Data, Selected>(
  view: Readable<ChannelView<Data>>,
  selector: (data: Data) => Selected,
): Readable<ChannelView<Data, Selected>> {
  return select(
    view,
    (value): ChannelView<Data, Selected> => ({
      ...value,
      data: value.message === null ? undefined : selector(value.message.data),
    }),
    (a, b) => Object.is(a.data, b.data) && a.gap === b.gap && a.loading === b.loading && a.error === b.error,
  );
}
