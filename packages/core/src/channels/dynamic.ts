import { send } from "../transport/send.ts";
import { hold } from "./hold.ts";
import { createQuerySubscription } from "./query.ts";
import type { SubscriptionFactory } from "./subscription.ts";

/**
 * A way of subscribing that changes an open stream instead of making a new one: by a `POST` to its URL (PROTOCOL.md,
 * Changing the channels of an open stream). A channel that somebody comes back to continues where it was left. Where the
 * server cannot do it, a new stream is made.
 *
 * @example
 * const client = createSSEClient({ url: "/events", channels, subscription: dynamic() });
 */
export function dynamic(): SubscriptionFactory {
  return (context) => {
    const { wanted, cursor, environment, delivery, renew, resolve, judge } = context;
    const asked = new Set<string>();
    const left = new Map<string, string>();
    // Asked for on the open stream, and not carried yet: what ends the holding back of its messages.
    const pending = new Map<string, ReturnType<typeof hold>>();
    let conn: string | null = null;
    let isBusy = false;
    // A channel could not be added to the open stream: the next request names all of them.
    let namesAll = false;
    // A channel that continues elsewhere than the others cannot be named in their request.
    const base = createQuerySubscription(context, asked, left, (channel) => namesAll || !left.has(channel));

    /** @returns what the server answers, or `null` for a failure of any kind */
    const post = async (message: object): Promise<{ rejected?: readonly string[] } | null> => {
      try {
        const request = await resolve();
        const headers = { "content-type": "application/json", ...request.headers };
        const answer = await send(
          { ...request, lastEventId: "", method: "POST", headers, body: JSON.stringify(message) },
          "application/json",
          environment,
        );
        return answer.ok ? await answer.json() : null;
      } catch {
        return null;
      }
    };

    const change = async () => {
      if (!conn) return base.change();
      const subscribe = wanted.list().filter((channel) => !asked.has(channel));
      // One that is pending is left when it has come, as only then its place is known.
      const unsubscribe = [...asked].filter((channel) => !wanted.has(channel) && !pending.has(channel));
      if (isBusy || subscribe.length + unsubscribe.length === 0) return;
      const mine = conn;
      isBusy = true;
      const since: Record<string, string> = {};
      for (const channel of subscribe) {
        const from = base.since(channel);
        if (from) since[channel] = from;
        asked.add(channel);
        pending.set(channel, hold(delivery, channel));
      }
      unsubscribe.forEach(base.leave);
      const answer = await post({ conn, subscribe, unsubscribe, since });
      if (mine !== conn) return;
      isBusy = false;
      if (!answer) {
        namesAll = true;
        return renew();
      }
      for (const channel of answer.rejected ?? []) {
        pending.get(channel)?.(true);
        if (pending.delete(channel)) judge(channel, []);
      }
      // What was wanted meanwhile.
      await change();
    };

    return {
      ...base,
      request() {
        for (const forget of pending.values()) forget(true);
        pending.clear();
        conn = null;
        isBusy = false;
        const channels = base.request();
        namesAll = false;
        return channels;
      },
      carries: (channel) => asked.has(channel) && !pending.has(channel),
      change: () => void change(),
      hello(name) {
        conn = cursor.contract ? name : null;
        void change();
      },
      subscribed(channel) {
        const release = pending.get(channel);
        pending.delete(channel);
        left.delete(channel);
        release?.();
        void change();
      },
    };
  };
}
