import type { Gap } from "../connection/status.ts";
import { SSEError } from "../errors.ts";
import type { ChannelFeed } from "./channel.ts";
import type { ChannelDefinition } from "./define-channels.ts";

type Definition = ChannelDefinition<unknown>;

/** Where the events of one name go. */
export interface Route {
  readonly channel: string;
  /** `undefined` for a channel nobody described. */
  readonly definition?: Definition;
  /** What is fed by it; `undefined` where nobody has asked for a channel that is not defined. */
  readonly feed: ChannelFeed<unknown> | undefined;
}

/** Knows the channels: which event belongs to which, and who is fed. */
export interface Router {
  /** `undefined` for an event that belongs to no defined channel. */
  route(event: string): Route | undefined;
  /** @throws SSEError `unknown-channel` */
  feed(name: string): ChannelFeed<unknown>;
  setGap(gap: Gap): void;
}

export function createRouter(
  definitions: Readonly<Record<string, Definition>> | undefined,
  createFeed: (name: string, definition?: Definition) => ChannelFeed<unknown>,
): Router {
  // Defined channels are fed from the first message on, so that whoever subscribes later finds the history. Without
  // definitions a server could name channels without end; only those someone has asked for are kept.
  const feeds = new Map<string, ChannelFeed<unknown>>();
  const routes = new Map<string, Route>();
  for (const [channel, definition] of Object.entries(definitions ?? {})) {
    const feed = createFeed(channel, definition);
    feeds.set(channel, feed);
    routes.set(definition.event ?? channel, { channel, definition, feed });
  }
  return {
    route: (event) => (definitions ? routes.get(event) : { channel: event, feed: feeds.get(event) }),
    feed(name) {
      const feed = feeds.get(name);
      if (feed) return feed;
      if (definitions)
        throw new SSEError("unknown-channel", `Channel "${name}" is unknown. Pass one of ${[...feeds.keys()]}.`, {
          channel: name,
        });
      const created = createFeed(name);
      feeds.set(name, created);
      return created;
    },
    setGap(gap) {
      for (const [name, feed] of feeds) if (gap.channels.some((lost) => covers(lost, name))) feed.update({ gap });
    },
  };
}

/**
 * Whether a name or pattern that a server tells of (`chat/*`, `orders/**`) covers a channel. Of what comes after the first
 * star only the length is looked at: a channel told of a loss it did not have is better than one not told.
 */
function covers(lost: string, channel: string): boolean {
  const star = lost.indexOf("*");
  if (star < 0) return lost === channel;
  return (
    channel.startsWith(lost.slice(0, star)) &&
    (lost.endsWith("**") || lost.split("/").length === channel.split("/").length)
  );
}
