import { defaults } from "../defaults.ts";
import { endAll, endWith } from "../store/listeners.ts";
import { send } from "../transport/send.ts";
import { isAtOrBefore } from "./cursor.ts";
import { concerns, covers } from "./pattern.ts";
import { createQuerySubscription, narrowFirst } from "./query.ts";
import type { SubscriptionFactory } from "./subscription.ts";

/** A stream that can be changed. */
interface Stream {
  readonly conn: string;
  /** A request is under way: two of them could overtake each other. */
  isBusy: boolean;
}

/** A channel that was asked for on the open stream and is not carried yet. */
interface Addition {
  /** The position it continues after; empty for none. */
  readonly since: string;
  /** Delivers what has come of it. */
  readonly runs: (() => void)[];
}

const JSON_TYPE = "application/json";
/** What a server answers where nothing can change a stream. */
const METHOD_NOT_ALLOWED = 405;

/**
 * A way of subscribing that changes an open stream instead of making a new one: by a `POST` to its URL (PROTOCOL.md,
 * Changing channels of an open stream). A channel that somebody comes back to continues where it was left. Where the
 * server cannot do it, a new stream is made.
 *
 * @example
 * const client = createSSEClient({ url: "/events", channels, subscription: dynamic() });
 */
export function dynamic(): SubscriptionFactory {
  return (context) => {
    const { wanted, cursor, environment, delivery, renew, resolve, judge } = context;
    const pending = new Map<string, Addition>();
    // Refused on this stream.
    const refused = new Set<string>();
    // What a channel was given, and a handler closed the connection in the middle of: the next stream begins with it.
    const backlog: (() => void)[] = [];
    let stream: Stream | null = null;
    let signal: AbortSignal | undefined;
    // A server that has told its streams' names before will do so again.
    let isAwaited = false;
    let isPossible = true;
    // A channel could not be added to the open stream: the next request names all of them.
    let namesAll = false;
    // A channel that continues elsewhere than the others, or nowhere yet, cannot be named in their request.
    const base = createQuerySubscription(
      context,
      (channel) =>
        namesAll ||
        !isPossible ||
        !cursor.contract ||
        base.carries(channel) ||
        !(cursor.lastEventId || base.since(channel)),
    );

    delivery.filters.add((channel, id, run) => {
      if (base.carries(channel)) return false;
      const from = base.since(channel);
      // Held back for another reason since before it was left.
      if (from && id !== undefined && isAtOrBefore(id, from)) return false;
      for (const [name, { runs }] of pending) {
        if (!covers(name, channel)) continue;
        // With an id it was on its way when the channel was left. It comes again, without one.
        if (id === undefined) runs.push(run);
        return true;
      }
      return !!from && id !== undefined;
    });
    const drain = (runs: (() => void)[]) => {
      while (runs[0] && !signal?.aborted) runs.shift()?.();
      backlog.push(...runs);
    };

    /** @returns the names that the server refuses, or `null` for a failure of any kind */
    const post = async (message: object): Promise<readonly string[] | null> => {
      const controller = new AbortController();
      const given = new Promise<null>((resolveGiven) =>
        controller.signal.addEventListener("abort", () => resolveGiven(null)),
      );
      const end = endWith(signal, () =>
        endAll(
          environment.setTimer(() => controller.abort(), defaults.firstByteTimeoutMs),
          () => controller.abort(),
        ),
      );
      const exchange = async () => {
        const request = await resolve();
        const headers = new Headers(request.headers);
        headers.set("content-type", JSON_TYPE);
        const answer = await send(
          {
            ...request,
            lastEventId: "",
            method: "POST",
            headers: Object.fromEntries(headers),
            body: JSON.stringify(message),
            signal: controller.signal,
          },
          JSON_TYPE,
          environment,
        );
        isPossible &&= answer.status !== METHOD_NOT_ALLOWED;
        const { channels, rejected } = answer.ok ? await answer.json() : {};
        return Array.isArray(channels) && Array.isArray(rejected) ? rejected : null;
      };
      try {
        return await Promise.race([exchange(), given]);
      } catch {
        return null;
      } finally {
        // Lets go of a body that nobody reads, too.
        end();
      }
    };

    const change = async () => {
      for (const channel of refused) if (!wanted.has(channel)) refused.delete(channel);
      if (signal?.aborted || (!stream && isAwaited)) return;
      if (!stream || !isPossible) return base.change();
      const subscribe = narrowFirst(wanted.list()).filter(
        (channel) => !base.asked.has(channel) && !pending.has(channel) && !refused.has(channel),
      );
      // One that is pending is left when it has come, as only then its place is known. So is one that carries it until then,
      // or that it will carry: the server repeats nothing that it sent for either.
      const added = [...pending.keys()];
      const unsubscribe = [...base.asked].filter((channel) => !wanted.has(channel) && !concerns(added, channel));
      if (stream.isBusy || subscribe.length + unsubscribe.length === 0) return;
      const mine = stream;
      const own = signal;
      mine.isBusy = true;
      unsubscribe.forEach(base.leave);
      for (const channel of subscribe) pending.set(channel, { since: base.resume(channel), runs: [] });
      const since = subscribe.map((channel) => [channel, pending.get(channel)?.since]).filter(([, id]) => id);
      const { conn } = mine;
      const rejected = await post({ conn, subscribe, unsubscribe, since: Object.fromEntries(since) });
      if (own?.aborted) return;
      mine.isBusy = false;
      // A stream that took over from polls meanwhile knows nothing of it.
      if (!rejected || mine !== stream) {
        namesAll = true;
        return renew();
      }
      for (const channel of rejected) {
        if (!pending.delete(channel)) continue;
        refused.add(channel);
        judge(channel, []);
      }
      // What was wanted meanwhile.
      await change();
    };

    return {
      ...base,
      request(own) {
        if (own?.aborted) return [];
        signal = own;
        stream = null;
        isAwaited = cursor.contract;
        pending.clear();
        refused.clear();
        const channels = base.request(own);
        namesAll = false;
        return channels;
      },
      change: () => void change(),
      hello(conn) {
        isAwaited = false;
        // A transport may tell of one stream twice.
        if (stream?.conn !== conn) stream = { conn, isBusy: false };
        // Without a name there is nothing to change.
        isPossible &&= !!conn;
        drain(backlog.splice(0));
        void change();
      },
      subscribed(channel) {
        const addition = pending.get(channel);
        if (addition) {
          pending.delete(channel);
          base.join(channel, addition.since || cursor.lastEventId);
          judge(channel, [channel]);
          drain(addition.runs);
        }
        void change();
      },
    };
  };
}
