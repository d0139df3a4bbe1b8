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
  // How many need a channel, and what cancels the end of its linger time once nobody does.
  const needs = new Map<string, { count: number; cancel: () => void }>();
  const forget = (channel: string) => {
    needs.get(channel)?.cancel();
    needs.delete(channel);
    onChange();
  };
  const change = (channel: string, by: number) => {
    const need = needs.get(channel) ?? { count: 0, cancel() {} };
    needs.set(channel, need);
    need.cancel();
    need.count += by;
    if (need.count) return onChange();
    need.cancel = setTimer(() => {
      forget(channel);
      if (!needs.size) onRelease();
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
    has: (channel) => needs.has(channel),
    list: () => [...needs.keys()].filter(Boolean),
    sweep() {
      for (const [channel, { count }] of needs) if (!count) forget(channel);
    },
  };
}
