import type { ConnectionState, Gap } from "../connection/status.ts";
import type { Environment } from "../environment.ts";
import { SSEError } from "../errors.ts";
import type { Readable } from "../store/readable.ts";
import type { ChannelFeed } from "./channel.ts";
import { isAtOrBefore } from "./cursor.ts";
import type { Delivery } from "./delivery.ts";
import { type Held, hold, skipTo } from "./hold.ts";

/** A snapshot that takes longer is given up, so that the messages behind it are not held for ever. */
const TIMEOUT_MS = 30_000;

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
  /** The channel has lost something. @param isWanted - somebody has subscribed to it; the default */
  lost(gap: Gap, isWanted?: boolean): void;
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
    const { now, setTimer, requestFlush } = environment;
    const channel = feed.channel.name;
    let due: { readonly gap: Gap | null } | null = null;
    let loading: AbortController | null = null;
    let isShown = false;
    let hasLoaded = false;
    // What the channel lacks, and what was lost before that and has been made up for.
    let lack: Gap | null = null;
    let healed: Gap | null = null;
    // Up to where nothing is missing because of that.
    let completeTo = "";
    let held: Held | null = null;
    let endSkip = () => {};

    /** Nothing may be delivered any more. */
    const isStopped = () => ["idle", "closed"].includes(status.get().status);
    const show = (isLoading: boolean) => {
      if (isShown !== isLoading) feed.update({ loading: isLoading });
      isShown = isLoading;
    };
    const release = () => {
      // A handler may have closed the connection, or subscribed and so have another one loaded.
      if (held?.release(() => !!due || isStopped())) held = null;
    };
    const stop = () => {
      loading?.abort();
      loading = null;
    };
    const plan = (gap: Gap | null) => {
      stop();
      due = { gap };
      lack = gap;
      held ??= hold(delivery, channel);
      check();
    };
    const check = () => {
      const { status: now } = status.get();
      // What is under way outlasts a link that breaks, but not the end of the connection.
      if (isStopped()) stop();
      show(!!due && !isStopped());
      if (due && !loading && now === "open" && isCarried()) void start(due);
      if (!due && held && now === "open") release();
    };
    const deliver = ({ data: list, id }: ChannelSnapshot<Data>, gap: Gap | null) => {
      endSkip();
      if (id) endSkip = skipTo(delivery, feed, id);
      feed.update({ state: new Map() });
      const envelope = { channel, event: channel, id, lastEventId: id ?? "", receivedAt: now(), replayed: true };
      for (const data of list) {
        // A handler has closed the connection: all of it is loaded again when it is back.
        if (isStopped()) return;
        delivery.handOver({ ...envelope, data, snapshot: true }, [feed]);
      }
      due = null;
      hasLoaded = true;
      const to = gap?.to ?? "";
      // Taken before the end of the gap it makes up for a part only.
      if (id && isAtOrBefore(id, to) && !isAtOrBefore(to, id)) return;
      healed = gap;
      lack = null;
      completeTo = id || to || completeTo;
      feed.update({ gap: null, error: null });
    };
    const take = async (context: SnapshotContext): Promise<ChannelSnapshot<Data>> => {
      const { data, id } = await load(context);
      if (!Array.isArray(data)) throw new TypeError("data is no array");
      // What came before the loss may still be being decoded.
      await delivery.pending();
      return { data: [...data], id };
    };
    const start = async ({ gap }: { readonly gap: Gap | null }) => {
      const controller = new AbortController();
      const { signal } = controller;
      loading = controller;
      // The first bytes open a stream, and say next that it does not carry the channel.
      await null;
      if (loading !== controller) return;
      if (!isCarried()) {
        loading = null;
        return;
      }
      const cancel = setTimer(() => controller.abort(new Error("timed out")), TIMEOUT_MS);
      signal.addEventListener("abort", cancel);
      let snapshot: ChannelSnapshot<Data> | undefined;
      let error: SSEError | null = null;
      try {
        const given = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        snapshot = await Promise.race([given, take({ channel, gap, signal })]);
      } catch (cause) {
        const message = `The snapshot of "${channel}" could not be loaded: ${cause}. The gap stays.`;
        error = new SSEError("snapshot", message, { channel, cause });
      }
      cancel();
      // Interrupted: another one has begun or will.
      if (loading !== controller) return;
      loading = null;
      if (snapshot) deliver(snapshot, gap);
      else due = null;
      if (!due) release();
      // After what was held, as a message takes the last one's error away.
      if (error) {
        feed.update({ error });
        onError(error);
      }
      check();
    };

    return {
      want(gap) {
        if (due) return;
        if ((gap && gap !== healed) || (onSubscribe && !hasLoaded)) plan(gap === healed ? null : gap);
        // What the channel lost in this very frame shows at its end.
        requestFlush(() => {
          const late = feed.channel.gap.get();
          if (late && late !== healed && late !== lack) plan(late);
        });
      },
      lost(gap, isWanted = true) {
        // The server repeats a gap when the link broke right after it.
        if (gap.to && isAtOrBefore(gap.to, completeTo)) return feed.update({ gap: lack });
        // What is due was asked for after this loss, too.
        if (isWanted) return gap.to && isAtOrBefore(gap.to, due?.gap?.to ?? "") ? undefined : plan(gap);
        lack = gap;
        // Whatever is under way is too old, and nobody waits for another one.
        stop();
        due = null;
        check();
      },
      check,
    };
  };
}
