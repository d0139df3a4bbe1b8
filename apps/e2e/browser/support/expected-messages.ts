import type { PublishedEvent } from "./playground-server.ts";

const keys: Readonly<Record<string, string>> = { ticker: "symbol", services: "name" };

/**
 * What a page must have received of a channel, given all that was published on any channel and the page's first messages
 * of this one: the newest event per key, then everything after those, in order. The first messages come one by one with
 * their own ids where the stream begins with them, and with the id at which it was taken where they are a snapshot.
 *
 * @param first - the first messages, one per key, as received
 */
export function expectedMessages(
  published: readonly PublishedEvent[],
  channel: string,
  first: readonly PublishedEvent[],
): PublishedEvent[] {
  const id = first.at(-1)?.id ?? "";
  const isSnapshot = first.length > 1 && first.every((message) => message.id === id);
  const end = published.findIndex((event) => event.id === id) + 1;
  const newest = new Map<unknown, PublishedEvent>();
  for (const event of published.slice(0, end)) {
    if (event.channel !== channel) continue;
    const key = event.data[keys[channel] ?? ""];
    // Deleted first, so that the map is in the order of the events that remain.
    newest.delete(key);
    newest.set(key, isSnapshot ? { ...event, id } : event);
  }
  return [...newest.values(), ...published.slice(end).filter((event) => event.channel === channel)];
}
