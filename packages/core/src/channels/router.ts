import type { Gap } from "../connection/status.ts";
import { SSEError } from "../errors.ts";
import type { ChannelFeed } from "./channel.ts";
import type { ChannelDefinition } from "./define-channels.ts";
import { concerns, covers } from "./pattern.ts";

type Definition = ChannelDefinition<unknown>;
type Feed = ChannelFeed<unknown>;

/** Where the events of one name go. */
export interface Route {
  readonly channel: string;
  /** `undefined` for a channel nobody described. */
  readonly definition?: Definition | undefined;
  /** Who is fed: the channel, where it is defined or someone has asked for it, and the pattern that covers it. */
  readonly feeds: readonly Feed[];
}

/** Knows the channels: which event belongs to which, and who is fed. */
export interface Router {
  /** `undefined` for an event that belongs to no defined channel. */
  route(event: string): Route | undefined;
  /** @throws SSEError `unknown-channel` */
  feed(name: string): Feed;
  /** The event names to expect, and those of the channels. */
  events(): string[];
  /** Messages received per channel. */
  counts(): Record<string, number>;
  setGap(gap: Gap): void;
}

export function createRouter(
  definitions: Readonly<Record<string, Definition>> | undefined,
  createFeed: (name: string, owner: string, definition?: Definition) => Feed,
): Router {
  // Defined channels are fed from the first message on, so that whoever subscribes later finds the history. Those that a
  // server could name without end, as there are no definitions or as a pattern covers them, once someone has asked.
  const feeds = new Map<string, Feed>();
  const routes = new Map<string, Route>();
  const patterns: string[] = [];
  for (const [channel, definition] of Object.entries(definitions ?? {})) {
    const feed = createFeed(channel, channel, definition);
    feeds.set(channel, feed);
    if (channel.includes("*")) patterns.push(channel);
    else routes.set(definition.event ?? channel, { channel, definition, feeds: [feed] });
  }
  /** The first pattern defined that covers the name. */
  const findPattern = (name: string) => patterns.find((pattern) => covers(pattern, name));
  return {
    route(event) {
      const known = routes.get(event);
      if (known) return known;
      const pattern = findPattern(event);
      if (definitions && !pattern) return;
      const fed = [...new Set([feeds.get(event), feeds.get(pattern!)])].filter((feed) => !!feed);
      return { channel: event, definition: pattern ? definitions?.[pattern] : undefined, feeds: fed };
    },
    feed(name) {
      const feed = feeds.get(name);
      if (feed) return feed;
      const pattern = findPattern(name);
      if (definitions && (!pattern || name.includes("*")))
        throw new SSEError("unknown-channel", `Channel "${name}" is unknown. Pass one of ${[...feeds.keys()]}.`, {
          channel: name,
        });
      const created = createFeed(name, pattern ?? name, pattern ? definitions?.[pattern] : undefined);
      feeds.set(name, created);
      if (name.includes("*")) patterns.push(name);
      return created;
    },
    events: () => [...routes.keys(), ...feeds.keys()],
    counts: () => Object.fromEntries([...feeds].map(([name, { count }]) => [name, count])),
    setGap(gap) {
      for (const [name, feed] of feeds) if (concerns(gap.channels, name)) feed.update({ gap });
    },
  };
}
