import { isAtOrBefore } from "./cursor.ts";
import { covers } from "./pattern.ts";
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

/** What {@link dynamic} builds on. */
export interface QuerySubscription extends Subscription {
  /** What the stream was asked to carry. */
  readonly asked: ReadonlySet<string>;
  /** The stream is to carry a channel no longer. */
  leave(channel: string): void;
  /** The stream carries a channel from now on. @param from - where it is complete from; empty if nobody knows */
  join(channel: string, from: string): void;
  /** Up to where everything of a channel was received that is carried no longer. `undefined`: nothing is known of it. */
  since(channel: string): string | undefined;
  /** Where a channel is to continue, so that nothing comes twice; empty if nothing is known of it. */
  resume(channel: string): string;
}

/** @param isNamed - whether a request may name a channel; one that it may not is left out */
export function createQuerySubscription(
  { wanted, cursor, router, renew, lose }: SubscriptionContext,
  isNamed: (channel: string) => boolean = () => true,
): QuerySubscription {
  const asked = new Set<string>();
  // Where channels were left that had been carried before. What has come on them since was not received.
  const left = new Map<string, string>();
  // Before the first request nothing can have been left out of it.
  let hasAsked = false;

  const carries = (channel: string) => asked.has(channel) || [...asked].some((name) => isWithin(channel, name));
  const leave = (channel: string) => {
    // Where a pattern goes on carrying it, nothing is missed.
    if (asked.delete(channel) && cursor.contract && !carries(channel)) left.set(channel, cursor.lastEventId);
  };
  const since = (channel: string) => {
    if (carries(channel)) return;
    let newest: string | undefined;
    // Who left a pattern knows its channels up to there.
    for (const [name, id] of left)
      if ((name === channel || isWithin(channel, name)) && !isAtOrBefore(id, newest ?? "")) newest = id;
    return newest;
  };
  const join = (channel: string, from: string) => {
    asked.add(channel);
    for (const [name, id] of left) {
      if (name !== channel && !isWithin(name, channel)) continue;
      left.delete(name);
      // Nobody listens to this one now; who comes back to it will find it carried, but not since it was left.
      if (name !== channel && !isAtOrBefore(from, id))
        router.feed(name).update({ gap: { channels: [name], reason: "unsubscribed", from: id, to: from || null } });
    }
  };
  const resume = (channel: string) => {
    const from = since(channel);
    if (!from) return "";
    let newest = from;
    for (const [name, id] of left) if (isWithin(name, channel) && !isAtOrBefore(id, newest)) newest = id;
    // A part of the pattern was received further on its own.
    if (newest !== from) {
      left.set(channel, newest);
      lose({ channels: [channel], reason: "unsubscribed", from, to: newest });
    }
    return newest;
  };
  return {
    asked,
    leave,
    since,
    resume,
    join,
    carries,
    request(signal) {
      // Its attempt was given up while something else of it was still awaited; another one may have a stream already.
      if (signal?.aborted) return [];
      hasAsked = true;
      const to = cursor.lastEventId;
      for (const channel of asked) if (!wanted.has(channel)) leave(channel);
      const channels = wanted.list().filter(isNamed).sort();
      for (const channel of narrowFirst(channels)) {
        if (asked.has(channel)) continue;
        const from = since(channel);
        join(channel, to);
        if (from && from !== to) lose({ channels: [channel], reason: "unsubscribed", from, to: to || null });
      }
      return channels;
    },
    change() {
      const channels = wanted.list();
      if (hasAsked && (channels.length !== asked.size || channels.some((channel) => !asked.has(channel)))) renew();
    },
    hello() {},
    subscribed() {},
  };
}

/** Patterns last: what they cover has its own place to continue after. */
export function narrowFirst(names: readonly string[]): string[] {
  const width = (name: string) => name.split("*").length;
  return [...names].sort((a, b) => width(a) - width(b));
}

/** Whether a pattern other than the channel itself covers it. */
function isWithin(channel: string, pattern: string): boolean {
  return pattern !== channel && pattern.includes("*") && covers(pattern, channel);
}
