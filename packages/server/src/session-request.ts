import type { SessionStart } from "./session.ts";
import type { SessionSettings } from "./session-options.ts";
import type { StreamRequest } from "./stream-request.ts";

/** What a session takes from its request. */
export function sessionStart(
  { lastEventIdHeader, query }: Pick<StreamRequest, "lastEventIdHeader" | "query">,
  settings: SessionSettings,
): SessionStart {
  const lastEventId = lastEventIdHeader || query.get("lastEventId") || query.get("last_event_id") || undefined;
  return { id: settings.environment.randomId(), lastEventId, settings };
}

/** True for a request that a session can answer. */
export function isSessionMethod({ method }: Pick<StreamRequest, "method">): boolean {
  return method === "GET" || method === "POST";
}

/** The answer to any other. */
export const SESSION_REFUSAL = Object.freeze({
  status: 405,
  headers: Object.freeze({ allow: "GET, POST", "content-type": "text/plain; charset=utf-8" }),
  text: "This is an event stream. Open it with GET or POST.\n",
});
