import type { SessionStart } from "./session.ts";
import type { SessionSettings } from "./session-options.ts";
import { presentedId, type StreamRequest } from "./stream-request.ts";

/** What a session takes from its request. */
export function sessionStart(
  { lastEventIdHeader, query }: Pick<StreamRequest, "lastEventIdHeader" | "query">,
  settings: SessionSettings,
): SessionStart {
  const lastEventId = presentedId({ lastEventIdHeader: lastEventIdHeader && decodeUtf8(lastEventIdHeader), query });
  return { id: settings.environment.randomId(), lastEventId, settings };
}

/** A browser puts the id into its header as UTF-8, of which platforms make a character for each byte. */
function decodeUtf8(header: string): string {
  const codes = Array.from(header, (character) => character.charCodeAt(0));
  if (codes.some((code) => code > 255)) return header;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(codes));
  } catch {
    return header;
  }
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
