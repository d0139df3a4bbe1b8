import { checkChannelName, checkSubscriptionName, isSubscriptionName } from "./channel-name.ts";
import { createCoverage } from "./coverage.ts";
import type { ChannelDefinition, ChannelDefinitions } from "./define-channels.ts";
import { checkDefinitions } from "./define-channels.ts";
import { UnknownChannelError } from "./errors.ts";
import { intersectPatterns, isPattern } from "./pattern.ts";
import { createPatternIndex } from "./pattern-index.ts";

/** The definitions of one hub, ready to be looked up. */
export interface ChannelRegistry {
  /**
   * The definition that governs a concrete channel; an empty one when the hub has no definitions.
   *
   * @throws {UnknownChannelError | ChannelNameError | ReservedEventError}
   */
  definitionOf(channel: string): ChannelDefinition;
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
  const narrow = createNarrower(defined);

  return {
    definitionOf(channel) {
      checkChannelName(channel);
      const [definition] = index.match(channel);
      if (!definition) throw new UnknownChannelError(channel, defined);
      return definition;
    },
    authorise(channels) {
      if (!channels) return defined;
      const authorised = channels.flatMap((channel) => {
        checkSubscriptionName(channel);
        const shared = narrow(channel);
        if (shared.length === 0) throw new UnknownChannelError(channel, defined);
        return shared;
      });
      // A copy of that size: each stream keeps one, and what grew has room for many more.
      return [...authorised];
    },
  };
}

/** The channels in both lists, patterns narrowed to what they share; names that could not be channels drop out. */
export function intersectChannels(requested: readonly string[], authorised: readonly string[]): string[] {
  return [...new Set(requested.flatMap(createNarrower(authorised)))];
}

/**
 * Finds what of a name or pattern is in the list, each once and nothing for what could not be a channel. A name costs by
 * its own length; only a pattern is compared with the whole list.
 */
export function createNarrower(authorised: readonly string[]): (name: string) => readonly string[] {
  const { covers } = createCoverage(authorised);
  let divided: readonly (readonly string[])[] | undefined;
  return (name) => {
    if (!isSubscriptionName(name)) return [];
    if (!isPattern(name)) return covers(name) ? [name] : [];
    divided ??= authorised.map((each) => each.split("/"));
    const own = name.split("/");
    const shared = divided.map((each) => intersectPatterns(own, each)).filter((each) => each !== undefined);
    return [...new Set(shared)];
  };
}
