import type { HubStats } from "@x/sse-server";
import type { Figures } from "./channels.ts";

/**
 * What is shown of the figures of a hub and of its process.
 *
 * @param startedAt - when the hub began (ms since 1970)
 */
export function figuresOf(
  { connections, users, published, deliveries, bufferedBytes, gaps }: HubStats,
  startedAt: number,
  at: number,
  { heapUsed, rss }: Pick<NodeJS.MemoryUsage, "heapUsed" | "rss"> = process.memoryUsage(),
): Figures {
  return {
    at,
    uptimeMs: at - startedAt,
    streams: connections,
    users,
    published,
    delivered: deliveries,
    bufferedBytes,
    gaps: Object.values(gaps).reduce((sum, count) => sum + count, 0),
    heapBytes: heapUsed,
    rssBytes: rss,
  };
}
