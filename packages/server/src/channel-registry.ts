import { checkChannelName, checkSubscriptionName } from "./channel-name.ts";
import type { ChannelDefinition, ChannelDefinitions } from "./define-channels.ts";
import { checkDefinitions } from "./define-channels.ts";
import { UnknownChannelError } from "./errors.ts";
import { intersectPatterns } from "./pattern.ts";
import { createPatternIndex } from "./pattern-index.ts";

/** The definitions of one hub, ready to be looked up. */
export interface ChannelRegistry {
  /**
   * The definition that governs a concrete channel; an empty one when the hub has no definitions.
   *
   * @throws {UnknownChannelError | ChannelNameError | ReservedEventError}
   */
  definitionOf(channel: string): ChannelDefinition;
  /** True when the channel's events are told apart by key. */
  isKeyed(channel: string): boolean;
  /**
   * What a request may listen to.
   *
   * @throws {UnknownChannelError} when one of the names can never have an event.
   */
  authorise(channels: readonly string[] | undefined): readonly string[];
}

/** Creates the registry; without definitions every valid name is a channel. */
export function createChannelRegistry(definitions: ChannelDefinitions | undefined): ChannelRegistry {
  if (definitions) checkDefinitions(definitions);
  const defined = definitions ? Object.keys(definitions) : ["**"];
  const index = createPatternIndex<ChannelDefinition>();
  for (const name of defined) index.add(name, definitions?.[name] ?? {});

  return {
    definitionOf(channel) {
      checkChannelName(channel);
      const [definition] = index.match(channel);
      if (!definition) throw new UnknownChannelError(channel, defined);
      return definition;
    },
    isKeyed: (channel) => index.match(channel)[0]?.key !== undefined,
    authorise(channels) {
      if (!channels) return defined;
      return channels.flatMap((channel) => {
        checkSubscriptionName(channel);
        const shared = intersectChannels([channel], defined);
        if (shared.length === 0) throw new UnknownChannelError(channel, defined);
        return shared;
      });
    },
  };
}

/** The channels in both lists, patterns narrowed to what they share; names that could not be channels drop out. */
export function intersectChannels(requested: readonly string[], authorised: readonly string[]): string[] {
  const shared = requested
    .filter(isSubscriptionName)
    .flatMap((a) => authorised.map((b) => intersectPatterns(a, b)))
    .filter((name) => name !== undefined);
  return [...new Set(shared)];
}

function isSubscriptionName(name: string): boolean {
  try {
    checkSubscriptionName(name);
    return true;
  } catch {
    return false;
  }
}
