import { isAtOrBefore } from "./cursor.ts";
import type { Delivery, Filter } from "./delivery.ts";
import { covers } from "./pattern.ts";

/**
 * Keeps back what arrives on a channel, or on those a pattern covers. The returned function ends that and has it delivered,
 * or forgotten if told so.
 */
export function hold({ filters }: Delivery, channel: string): (isForgotten?: boolean) => void {
  const waiting: (() => void)[] = [];
  const filter: Filter = (name, _, run) => covers(channel, name) && !!waiting.push(run);
  filters.add(filter);
  return (isForgotten) => {
    filters.delete(filter);
    if (!isForgotten) for (const run of waiting) run();
  };
}

/** From now on what is on the channel up to an id counts as received. The returned function ends that. */
export function skipTo({ filters, skip }: Delivery, channel: string, last: string): () => void {
  const filter: Filter = (name, id) => {
    if (name !== channel || id === undefined || !isAtOrBefore(id, last)) return false;
    skip();
    return true;
  };
  filters.add(filter);
  return () => filters.delete(filter);
}
