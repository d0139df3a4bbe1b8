import type { ConnectionState, Gap } from "../connection/status.ts";
import { defaults } from "../defaults.ts";
import type { Environment } from "../environment.ts";
import { SSEError } from "../errors.ts";
import type { Readable } from "../store/readable.ts";
import type { ChannelFeed } from "./channel.ts";
import { isAtOrBefore } from "./cursor.ts";
import type { Delivery } from "./delivery.ts";
import { hold, skipTo } from "./hold.ts";

/** What a snapshot loader is told. */
export interface SnapshotContext {
  readonly channel: string;
  /** What was lost; `null` when the channel is loaded for its first subscriber. */
  readonly gap: Gap | null;
  /** Aborted when the snapshot is not wanted any more or takes longer than 30 s. */
  readonly signal: AbortSignal;
}

/** The state of a channel. */
export interface ChannelSnapshot<Data> {
  /** What is delivered in place of what was lost; of a channel with `key`, all that its `state` is to hold. */
  readonly data: readonly Data[];
  /** Event id at which it was taken: what came up to there is not delivered again. Without it everything is. */
  readonly id?: string | undefined;
}

/** Makes up for the gaps of one channel. */
export interface Healer {
  /** Somebody subscribed. @param gap - what the channel lacks */
  want(gap: Gap | null): void;
  /** The channel has lost something. */
  lost(gap: Gap): void;
  /** The connection's state has changed, or what the stream carries: begins or ends what follows from that. */
  check(): void;
}

/** What a healer may use of its client. */
export interface HealerContext<Data> {
  readonly feed: ChannelFeed<Data>;
  readonly delivery: Delivery;
  readonly environment: Environment;
  readonly status: Readable<ConnectionState>;
  /** Whether the stream carries the channel: a snapshot taken earlier would miss some events. */
  isCarried(): boolean;
  onError(error: SSEError): void;
}

/** Where the snapshots of a channel come from; made by {@link snapshot}. */
export type SnapshotSource<Data> = (context: HealerContext<Data>) => Healer;

/**
 * Loads the state of a channel after a gap. What is received meanwhile waits, and follows in order. If it throws or takes
 * longer than 30 s, the client reports an error of code `snapshot`, the gap stays, and messages go on.
 *
 * @param load - called once per gap
 * @param options - `onSubscribe`: load for the first subscriber too. Default: false
 * @example
 * createSSEClient({
 *   url: "/events",
 *   channels,
 *   snapshots: { orders: snapshot(async ({ signal }) => ({ data: await fetchOrders(signal) })) },
 * });
 */
export function snapshot<Data>(
  load: (context: SnapshotContext) => ChannelSnapshot<Data> | Promise<ChannelSnapshot<Data>>,
  { onSubscribe = false }: { readonly onSubscribe?: boolean } = {},
): SnapshotSource<Data> {
  return ({ feed, delivery, environment, status, isCarried, onError }) => {
    const { now, setTimer } = environment;
    const channel = feed.channel.name;
    let due: { readonly gap: Gap | null } | null = null;
    let loading: AbortController | null = null;
    let hasLoaded = false;
    // Where the last snapshot was taken, if that is known.
    let takenAt = "";
    let release: ReturnType<typeof hold> | null = null;
    let endSkip = () => {};

    const deliver = ({ data: list, id }: ChannelSnapshot<Data>) => {
      endSkip();
      if (id) endSkip = skipTo(delivery, channel, id);
      feed.update({ state: new Map(), gap: null });
      const envelope = { channel, event: channel, id, lastEventId: id ?? "", receivedAt: now(), replayed: true };
      for (const data of list) delivery.handOver({ ...envelope, data, snapshot: true }, [feed]);
    };
    const plan = (gap: Gap | null) => {
      stop();
      due = { gap };
      feed.update({ loading: true });
      release ??= hold(delivery, channel);
      check();
    };
    const stop = () => {
      loading?.abort();
      loading = null;
    };
    const check = () => {
      const { status: now } = status.get();
      // What is under way outlasts a link that breaks, but not the end of the connection.
      if (now === "idle" || now === "closed") stop();
      else if (due && !loading && now === "open" && isCarried()) void start(due.gap);
    };
    const start = async (gap: Gap | null) => {
      const controller = new AbortController();
      loading = controller;
      const { signal } = controller;
      const cancel = setTimer(() => controller.abort(new Error("timed out")), defaults.snapshotTimeoutMs);
      let snapshot: ChannelSnapshot<Data> | undefined;
      let error: SSEError | null = null;
      try {
        const { data, id } = await Promise.race([
          load({ channel, gap, signal }),
          new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
        ]);
        // Copied here, so that something that is no list is the loader's error.
        snapshot = { data: [...data], id };
      } catch (cause) {
        const message = `The snapshot of "${channel}" could not be loaded: ${cause}. The gap stays.`;
        error = new SSEError("snapshot", message, { channel, cause });
      }
      cancel();
      // Interrupted: another one has begun or will.
      if (loading !== controller) return;
      due = loading = null;
      if (snapshot) {
        hasLoaded = true;
        takenAt = snapshot.id ?? "";
        deliver(snapshot);
      }
      feed.update({ loading: false, error });
      if (error) onError(error);
      release?.();
      release = null;
    };

    return {
      want(gap) {
        if (!due && (gap || (onSubscribe && !hasLoaded))) plan(gap);
      },
      lost(gap) {
        // The server repeats a gap when the link broke right after it.
        if (!gap.to || !isAtOrBefore(gap.to, takenAt)) plan(gap);
      },
      check,
    };
  };
}
