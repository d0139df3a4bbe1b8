/** Counts who needs which channel, and so who needs the connection. */
export interface Wanted {
  /** Registers a need, with `""` for no channel in particular; the returned function ends it, once however often it is called. */
  add(channel: string): () => void;
  has(channel: string): boolean;
  list(): string[];
  /** Forgets at once what nobody needs any more, and does not tell that it was the last. */
  sweep(): void;
}

/**
 * @param lingerMs - how long a channel is wanted after its last subscriber has left
 * @param onAdd - told of every need
 * @param onChange - told when `list()` has changed
 * @param onRelease - told when nothing has been wanted for `lingerMs`
 */
export function createWanted(
  lingerMs: number,
  setTimer: (callback: () => void, delayMs: number) => () => void,
  onAdd: () => void,
  onChange: () => void,
  onRelease: () => void,
): Wanted {
  const counts = new Map<string, number>();
  let cancel = () => {};
  const sweep = () => {
    cancel();
    const { size } = counts;
    for (const [channel, count] of counts) if (!count) counts.delete(channel);
    if (counts.size < size) onChange();
  };
  const change = (channel: string, by: number) => {
    const count = (counts.get(channel) ?? 0) + by;
    counts.set(channel, count);
    if (count) return onChange();
    cancel();
    cancel = setTimer(() => {
      sweep();
      if (!counts.size) onRelease();
    }, lingerMs);
  };
  return {
    add(channel) {
      change(channel, 1);
      onAdd();
      let isHeld = true;
      return () => {
        if (isHeld) change(channel, -1);
        isHeld = false;
      };
    },
    has: (channel) => counts.has(channel),
    list: () => [...counts.keys()].filter(Boolean),
    sweep,
  };
}
