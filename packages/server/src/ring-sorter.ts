import { comparePositions } from "./event-id.ts";
import type { History, Rings } from "./history.ts";
import { isPattern } from "./pattern.ts";
import { createPatternIndex } from "./pattern-index.ts";
import { BEFORE_ALL } from "./reading.ts";
import type { Ring } from "./ring.ts";

/** What of a history is worth looking at for a reader of these channels, which are among those that were announced. */
export type RingSorter = (channels: readonly string[]) => Rings;

/**
 * Gets ready to read a history for many lists of channels in turn, `announced` having all their patterns. It is walked
 * once for all of them, and no further than they ask; walking it for each of a thousand patterns would stop the server
 * for seconds. It begins anew when something has been published meanwhile, as a filter may do.
 */
export function createRingSorter(history: History, announced: readonly string[]): RingSorter {
  const index = createPatternIndex<Ring[]>();
  const byPattern = new Map<string, Ring[]>();
  for (const pattern of announced) {
    if (!isPattern(pattern) || byPattern.has(pattern)) continue;
    const rings: Ring[] = [];
    byPattern.set(pattern, rings);
    index.add(pattern, rings);
  }
  let walk: Iterator<Ring>;
  let next: IteratorResult<Ring>;
  let revision: number | undefined;

  /** What is published moves its channel to the front of the walk. */
  function begin() {
    for (const rings of byPattern.values()) rings.length = 0;
    walk = history.newerThan(BEFORE_ALL)[Symbol.iterator]();
    next = walk.next();
    revision = history.revision;
  }

  return (channels) => ({
    floor: history.floor,
    openers: history.openers,
    ring: history.ring,
    newerThan(position) {
      const isNewer = ({ newest }: Ring) => comparePositions(newest, position) > 0;
      if (revision !== history.revision) begin();
      while (!next.done && isNewer(next.value)) {
        for (const rings of index.match(next.value.channel)) rings.push(next.value);
        next = walk.next();
      }
      const found = new Set(channels.flatMap((channel) => byPattern.get(channel) ?? history.ring(channel) ?? []));
      return [...found].filter(isNewer);
    },
  });
}
