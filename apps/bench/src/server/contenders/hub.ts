import { type AuthorizeContext, createHub } from "@x/sse-server";
import type { Contender } from "../contender.ts";

/** The hub as applications get it: history, heartbeats and statistics are on by default. */
export function createHubContender(authorize?: (context: AuthorizeContext) => Promise<{ user: string }>): Contender {
  const hub = createHub(authorize ? { authorize } : {});
  return {
    connectionCount: () => hub.connectionCount,
    open: (req, res, channel) => hub.node(req, res, { channels: [channel] }),
    publish: (channel, payload) => void hub.publish(channel, payload),
  };
}

/** The same where each client names a user, and is asked who it is. */
export function createHubOfUsers(): Contender {
  return createHubContender(async ({ query }) => ({ user: query.get("user") ?? "nobody" }));
}
