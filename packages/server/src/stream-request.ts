import { createNarrower } from "./channel-registry.ts";
import { isPattern } from "./pattern.ts";

/** What matters of a request, whichever platform it came from. */
export interface StreamRequest {
  readonly method: string;
  readonly accept: string;
  /** The `Last-Event-ID` header; an empty one counts as none. */
  readonly lastEventIdHeader: string | undefined;
  readonly query: URLSearchParams;
  /** Address of whoever opened the connection, where the platform tells it. */
  readonly address: string | undefined;
  /** The request of the platform. */
  readonly source: unknown;
  /** A header by its name in lower case; values of several are joined. */
  header(name: string): string | null;
  copyHeaders(): Headers;
}

/** What a request wants: a stream, to change the channels of one, or what there is without a stream. */
export type Purpose = "stream" | "change" | "poll";

/** Decides what a request wants; `undefined` when it is nothing of that. */
export function purposeOf({ method, accept }: StreamRequest): Purpose | undefined {
  const wantsStream = accept.includes("text/event-stream");
  const wantsJson = accept.includes("application/json") && !wantsStream;
  // A client that wants only JSON reads a whole answer before it does anything; a stream would leave it waiting for ever.
  if (method === "GET") return wantsJson ? "poll" : "stream";
  if (method !== "POST") return undefined;
  if (wantsStream) return "stream";
  return wantsJson ? "change" : undefined;
}

/** The answer to a request that wants nothing there is. */
export const REFUSAL = Object.freeze({
  status: 405,
  headers: Object.freeze({ allow: "GET, POST", "content-type": "text/plain; charset=utf-8" }),
  text:
    "This is an event stream. Open it with GET, or with POST and Accept: text/event-stream. " +
    "Poll it with GET, or change its channels with POST, and Accept: application/json.\n",
});

/** The position the client asks to continue from: header first, as that is what a reconnecting EventSource updates. */
export function presentedId({
  lastEventIdHeader,
  query,
}: Pick<StreamRequest, "lastEventIdHeader" | "query">): string | undefined {
  return lastEventIdHeader || query.get("lastEventId") || query.get("last_event_id") || undefined;
}

/** The names in the query, whatever they are; `undefined` when the client does not say. */
export function namedChannels({ query }: StreamRequest): string[] | undefined {
  return query.has("channels") ? query.getAll("channels").flatMap((list) => list.split(",")) : undefined;
}

/**
 * The channels both asked for and authorised; all that are authorised when the client does not say. Of those that it has
 * made up, the first `maxOwn`, and as many patterns are looked at.
 */
export function carriedChannels(
  request: StreamRequest,
  authorised: readonly string[],
  maxOwn: number,
): readonly string[] {
  const requested = namedChannels(request);
  if (!requested) return authorised;
  const given = new Set(authorised);
  const carried = new Set<string>();
  const narrow = createNarrower(authorised);
  let left = maxOwn;
  let patternsLeft = maxOwn;
  for (const name of new Set(requested)) {
    // Each is compared with the whole list, and a query has room for thousands.
    if (isPattern(name) && !given.has(name) && patternsLeft-- <= 0) continue;
    for (const channel of narrow(name)) {
      if (carried.has(channel) || (!given.has(channel) && left-- <= 0)) continue;
      carried.add(channel);
    }
  }
  return [...carried];
}

/** The query of a request target such as `/events?channels=a`. */
export function queryOf(target: string): URLSearchParams {
  const start = target.indexOf("?");
  const end = target.indexOf("#", start + 1);
  return new URLSearchParams(start < 0 ? "" : target.slice(start + 1, end < 0 ? undefined : end));
}

/** Headers of a stream, with the caller's own. `content-type` is not theirs to change. */
export function streamHeaders(own: Readonly<Record<string, string>> = {}): [name: string, value: string][] {
  const headers = new Map([
    ["cache-control", "no-cache, no-store, no-transform"],
    ["x-accel-buffering", "no"],
  ]);
  for (const [name, value] of Object.entries(own)) headers.set(name.toLowerCase(), value);
  return [...headers.set("content-type", "text/event-stream; charset=utf-8")];
}
