import type { Environment } from "../environment.ts";
import { SSEError } from "../errors.ts";
import type { TransportRequest } from "./transport.ts";

const EXCERPT_CHARS = 200;
/** A refused answer whose body never comes must not hold back its report. */
const EXCERPT_MS = 1_000;

/** Sends the request of an attempt, for an answer of the type. */
export function send(request: TransportRequest, accept: string, environment: Environment): Promise<Response> {
  const { url, method, body, lastEventId, withCredentials, signal } = request;
  // Ours replace a user's, however those are spelt.
  const headers = new Headers(request.headers);
  headers.set("accept", accept);
  // A header holds bytes, one per character; ids are UTF-8 on the wire (HTML §9.2.4). Unencoded, fetch throws for
  // anything above U+00FF, and every retry would fail the same way.
  if (lastEventId) headers.set("last-event-id", String.fromCharCode(...new TextEncoder().encode(lastEventId)));
  return environment.fetch(url, {
    method,
    headers,
    body: body ?? null,
    credentials: withCredentials ? "include" : "same-origin",
    cache: "no-store",
    signal,
  });
}

/** What an answer that is not the one asked for means. */
export async function toRefusal({ status, headers, body }: Response, url: string, { now, setTimer }: Environment) {
  let excerpt = "";
  const reader = body?.getReader();
  const cancelTimer = setTimer(() => reader?.cancel().catch(() => {}), EXCERPT_MS);
  const take = (text: string) => {
    excerpt += text;
    return excerpt.length >= EXCERPT_CHARS;
  };
  await pump(reader, take).catch(() => {});
  cancelTimer();
  const retryAfter = `${headers.get("retry-after")}`;
  // Seconds or a date (RFC 9110 §10.2.3); a date in the past and anything else count as absent.
  const retryAfterMs = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now();
  return new SSEError(
    status === 401 || status === 403 ? "unauthorized" : status === 200 ? "content-type" : "http",
    `${url} answered ${status} ${headers.get("content-type")}. See "body".`,
    {
      status,
      body: excerpt.slice(0, EXCERPT_CHARS),
      retryAfterMs: retryAfterMs >= 0 ? retryAfterMs : undefined,
    },
  );
}

/** Hands the body's text over, piece by piece, until `take` returns true; then the server is told to stop. */
export async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  take: (text: string, bytes: number) => boolean,
) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  try {
    while (reader) {
      const { done, value } = await reader.read();
      if (done || take(decoder.decode(value, { stream: true }), value.length)) return;
    }
  } finally {
    reader?.cancel().catch(() => {});
  }
}
