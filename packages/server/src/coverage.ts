import { compilePattern, intersectPatterns, isPattern } from "./pattern.ts";

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

/** Creates the coverage of a list of valid names and patterns. */
export function createCoverage(list: Iterable<string>): Coverage {
  const channels = new Set<string>();
  const tests: ((name: string) => boolean)[] = [];

  function add(channel: string) {
    if (channels.has(channel)) return;
    channels.add(channel);
    if (isPattern(channel)) tests.push(compilePattern(channel));
  }

  const covers = (name: string) => channels.has(name) || tests.some((test) => test(name));
  for (const channel of list) add(channel);

  return {
    channels,
    add,
    covers,
    includes(channel) {
      if (channels.has(channel)) return true;
      if (!isPattern(channel)) return covers(channel);
      return [...channels].some((each) => intersectPatterns(channel, each) === channel);
    },
  };
}
