import { isAtOrBefore } from "./cursor.ts";
import type { Subscription, SubscriptionContext, SubscriptionFactory } from "./subscription.ts";

/**
 * A way of subscribing: every request names the channels that somebody has subscribed to, and a change makes a new one.
 * Who comes back to a channel after others have gone on is shown a gap of reason `unsubscribed`.
 *
 * @example
 * const client = createSSEClient({ url: "/events", channels, subscription: query() });
 */
export function query(): SubscriptionFactory {
  return (context) => createQuerySubscription(context);
}

/**
 * @param asked - kept up to date: what the stream was asked to carry
 * @param left - kept up to date: where channels were left that had been carried before. What has come on them since was
 * not received
 * @param isNamed - whether a request may name a channel; one that it may not is left out
 */
export function createQuerySubscription(
  { wanted, cursor, router, renew, lose }: SubscriptionContext,
  asked = new Set<string>(),
  left = new Map<string, string>(),
  isNamed: (channel: string) => boolean = () => true,
): Subscription & { leave(channel: string): void; since(channel: string): string | undefined } {
  const leave = (channel: string) => {
    if (asked.delete(channel) && cursor.contract) left.set(channel, cursor.lastEventId);
  };
  /** Where to go on: messages may have come between the moment it was left and the server's knowing of it. */
  const since = (channel: string) => {
    const from = left.get(channel);
    const last = router.feed(channel).channel.latest.get()?.lastEventId;
    return from && last && isAtOrBefore(from, last) ? last : from;
  };
  return {
    leave,
    since,
    request() {
      for (const channel of asked) if (!wanted.has(channel)) leave(channel);
      const channels = wanted.list().filter(isNamed).sort();
      asked.clear();
      for (const channel of channels) {
        asked.add(channel);
        const from = since(channel);
        left.delete(channel);
        const to = cursor.lastEventId;
        if (from && from !== to) lose({ channels: [channel], reason: "unsubscribed", from, to });
      }
      return channels;
    },
    carries: (channel) => asked.has(channel),
    change() {
      const channels = wanted.list();
      if (channels.length !== asked.size || channels.some((channel) => !asked.has(channel))) renew();
    },
    hello() {},
    subscribed() {},
  };
}
