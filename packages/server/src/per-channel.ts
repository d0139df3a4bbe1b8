import { createPatternIndex } from "./pattern-index.ts";

/** Creates a lookup of values by channel: the most specific name or pattern that covers it, else `fallback`. */
export function createPerChannel<Value>(
  byPattern: Readonly<Record<string, Value>>,
  fallback: Value,
): (channel: string) => Value {
  const index = createPatternIndex<{ readonly value: Value }>();
  for (const [pattern, value] of Object.entries(byPattern)) index.add(pattern, { value });
  return (channel) => {
    const [found] = index.match(channel);
    return found ? found.value : fallback;
  };
}
