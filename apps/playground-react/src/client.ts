import { createSSEClient, defineChannels, type SSEClient, useSSEClient } from "@x/sse-react";
import { channels } from "playground-server/channels";

/** The one connection of this page. */
export const client = createSSEClient({
  url: "/api/sse",
  channels: defineChannels(channels),
  contract: true,
  retry: { baseMs: 250, capMs: 10_000 },
});

export type AppChannels = typeof client extends SSEClient<infer T> ? T : never;

/** The client given by the provider, with its channels typed. */
export const useClient = () => useSSEClient<AppChannels>();
