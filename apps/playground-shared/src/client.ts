import { createDebugLog, createSSEClient, defineChannels, dynamic, type SSEClient, snapshot } from "@x/sse-core";
import { polling } from "@x/sse-core/polling";
import { channels } from "playground-server/channels";
import { guest } from "./guest.ts";
import { loadSnapshot } from "./snapshots.ts";
import { authorise, renewToken } from "./token.ts";

/** What passes over the wire. */
export const debugLog = createDebugLog({ limit: 300 });

/** The one connection of this page. The times are short, so that whoever breaks something soon sees what follows. */
export const client = createSSEClient({
  url: "/api/sse",
  channels: defineChannels(channels),
  subscription: dynamic(),
  // The channels come first, as they are what one looks for in a line of the raw frames.
  query: { channels: "", user: guest },
  snapshots: {
    ticker: snapshot(loadSnapshot, { onSubscribe: true }),
    services: snapshot(loadSnapshot),
    server: snapshot(loadSnapshot),
    jobs: snapshot(loadSnapshot),
  },
  headers: authorise,
  onUnauthorized: renewToken,
  sentAt: ({ data }) => ("at" in data ? data.at : undefined),
  fallback: polling({ returnMs: 2_000 }),
  firstByteTimeoutMs: 2_000,
  retry: { baseMs: 250, capMs: 10_000 },
  environment: { fetch: debugLog.fetch },
});

export type AppChannels = typeof client extends SSEClient<infer T> ? T : never;
