import type { PublishedEvent } from "./playground-server.ts";

const keys: Readonly<Record<string, string>> = { ticker: "symbol", services: "name" };

/**
 * What a page must have received of a channel, given all that was published on it and the page's first messages: the
 * newest event per key when it connected, then everything after those, in order.
 *
 * @param first - the messages of the snapshot, as received
 */
export function expectedMessages(published: readonly PublishedEvent[], first: readonly PublishedEvent[]) {
  const connectedAt = published.findIndex(({ id }) => id === first.at(-1)?.id);
  const newest = new Map<unknown, PublishedEvent>();
  for (const event of published.slice(0, connectedAt + 1)) {
    const key = event.data[keys[event.channel] ?? ""];
    // Deleted first, so that the map is in the order of the events that remain.
    newest.delete(key);
    newest.set(key, event);
  }
  return [...newest.values(), ...published.slice(connectedAt + 1)];
}
