/** What matters of a request, whichever platform it came from. */
export interface StreamRequest {
  readonly method: string;
  readonly accept: string;
  /** The `Last-Event-ID` header; an empty one counts as none. */
  readonly lastEventIdHeader: string | undefined;
  readonly query: URLSearchParams;
}

/** An answer that is not a stream. */
export interface Refusal {
  readonly status: number;
  readonly allow: string;
  readonly text: string;
}

const ALLOW = "GET, POST";

/** Decides whether a request opens a stream; `undefined` when it does. */
export function refuseRequest({ method, accept }: StreamRequest): Refusal | undefined {
  const wantsStream = accept.includes("text/event-stream");
  if (method === "GET") {
    // Such a client reads a whole answer before it does anything; a stream would leave it waiting for ever.
    if (wantsStream || !accept.includes("application/json")) return undefined;
    return { status: 406, allow: ALLOW, text: "This is an event stream. Ask for it with Accept: text/event-stream.\n" };
  }
  if (method === "POST" && wantsStream) return undefined;
  const text = "This is an event stream. Open it with GET, or with POST and Accept: text/event-stream.\n";
  return { status: 405, allow: ALLOW, text };
}

/** The position the client asks to continue from: header first, as that is what a reconnecting EventSource updates. */
export function presentedId({ lastEventIdHeader, query }: StreamRequest): string | undefined {
  return lastEventIdHeader || query.get("lastEventId") || query.get("last_event_id") || undefined;
}

/** The channels the client asks for; `undefined` when it does not say. */
export function requestedChannels({ query }: StreamRequest): string[] | undefined {
  if (!query.has("channels")) return undefined;
  return query
    .getAll("channels")
    .flatMap((list) => list.split(","))
    .filter((name) => name !== "");
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
