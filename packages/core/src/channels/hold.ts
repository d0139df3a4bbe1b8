import type { ChannelFeed } from "./channel.ts";
import { isAtOrBefore } from "./cursor.ts";
import type { Delivery } from "./delivery.ts";
import { covers } from "./pattern.ts";

type Feeds = readonly ChannelFeed<unknown>[];

/** What is kept back on a channel. */
export interface Held {
  /**
   * Delivers it and keeps nothing back any more.
   *
   * @param isStopped - asked before every message
   * @returns false if it was stopped; what has not been delivered, and what follows, is kept back then
   */
  release(isStopped: () => boolean): boolean;
}

/** Keeps back what arrives on a channel, or on those a pattern covers. */
export function hold({ filters }: Delivery, channel: string): Held {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  const filter = (name: string, _id: string | undefined, run: () => void) => {
    if (isOpen || !covers(channel, name)) return false;
    waiting.push(run);
    return true;
  };
  filters.add(filter);
  return {
    release(isStopped) {
      isOpen = true;
      while (waiting[0] && !isStopped()) waiting.shift()?.();
      isOpen = !waiting[0] && !isStopped();
      return isOpen && filters.delete(filter);
    },
  };
}

/** From now on what comes for a channel, up to an id, counts as received. The returned function ends that. */
export function skipTo({ filters, skip }: Delivery, feed: ChannelFeed<unknown>, last: string): () => void {
  const filter = (name: string, id: string | undefined, run: (feeds?: Feeds) => void, feeds: Feeds = [feed]) => {
    const isMine = feeds.includes(feed) && covers(feed.channel.name, name);
    if (!isMine || id === undefined || !isAtOrBefore(id, last)) return false;
    // A pattern and its channel may have been loaded at different positions.
    if (feeds.length > 1) run(feeds.filter((other) => other !== feed));
    else skip();
    return true;
  };
  filters.add(filter);
  return () => filters.delete(filter);
}
