import { isPattern } from "./pattern.ts";
import { createPatternIndex } from "./pattern-index.ts";

/** A growing list of channel names and patterns, and what they cover together. */
export interface Coverage {
  /** What was added, each once. */
  readonly channels: ReadonlySet<string>;
  add(channel: string): void;
  /** True for a concrete name that is listed or falls under a listed pattern. */
  covers(name: string): boolean;
  /** True for a name or pattern all of whose channels are covered by a single listed one. */
  includes(channel: string): boolean;
}

/** Stands for any segment: no name has it, so only a pattern that covers every segment there covers this one. */
const ANY_SEGMENT = "\0";

/** Creates the coverage of a list of valid names and patterns. Asking costs by the length of the name, not by the list. */
export function createCoverage(list: Iterable<string>): Coverage {
  const channels = new Set<string>();
  const patterns = createPatternIndex<string>();

  function add(channel: string) {
    if (channels.has(channel)) return;
    channels.add(channel);
    if (isPattern(channel)) patterns.add(channel, channel);
  }

  // Everything is the usual pattern of a hub without definitions, and is asked about every channel there is.
  const covers = (name: string) => channels.has(name) || channels.has("**") || patterns.match(name).length > 0;
  for (const channel of list) add(channel);

  return {
    channels,
    add,
    covers,
    includes(channel) {
      if (channels.has(channel) || !isPattern(channel)) return covers(channel);
      const covering = patterns.match(channel.replace(/\*+/g, ANY_SEGMENT));
      return channel.endsWith("**") ? covering.some((each) => each.endsWith("**")) : covering.length > 0;
    },
  };
}
