import { createParser } from "eventsource-parser";
import { defaults } from "../defaults.ts";
import type { Environment } from "../environment.ts";
import { SSEError } from "../errors.ts";
import type { Transport, TransportRequest, TransportSink } from "./transport.ts";

/** Case, spaces and parameters do not matter (MIME Sniffing §4.4). */
const EVENT_STREAM = /^text\/event-stream\s*(;|$)/i;
const EXCERPT_CHARS = 200;
/** A refused answer whose body never comes must not hold back its report. */
const EXCERPT_MS = 1_000;

/** Reads event streams with `fetch`: status codes, headers and every byte are seen. */
export function createFetchTransport(environment: Environment): Transport {
  return async (request, sink) => {
    const { url, headers, lastEventId, withCredentials, signal } = request;
    try {
      const response = await environment.fetch(url, {
        headers: {
          accept: "text/event-stream",
          ...headers,
          // A header holds bytes, one per character; ids are UTF-8 on the wire (HTML §9.2.4). Unencoded, fetch throws
          // for anything above U+00FF, and every retry would fail the same way.
          ...(lastEventId && { "last-event-id": String.fromCharCode(...new TextEncoder().encode(lastEventId)) }),
        },
        credentials: withCredentials ? "include" : "same-origin",
        cache: "no-store",
        signal,
      });
      if (response.status !== 200 || !EVENT_STREAM.test(`${response.headers.get("content-type")}`))
        throw await toRefusal(response, url, environment);
      sink.open();
      await read(response, request, sink);
      throw new SSEError("ended", `${url}: the server ended the stream.`);
    } catch (error) {
      sink.end(SSEError.from(error, "network", `${url}: the connection failed.`));
    }
  };
}

async function toRefusal({ status, headers, body }: Response, url: string, { now, setTimer }: Environment) {
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
    `${url} answered ${status} ${headers.get("content-type")}, not an event stream. See "body".`,
    {
      status,
      body: excerpt.slice(0, EXCERPT_CHARS),
      retryAfterMs: retryAfterMs >= 0 ? retryAfterMs : undefined,
    },
  );
}

/** Resolves when the body has ended or is no longer wanted. */
async function read(
  { body }: Response,
  { signal, maxEventChars = defaults.maxEventChars }: TransportRequest,
  sink: TransportSink,
) {
  const refuse = () => {
    throw new SSEError("too-large", "An event exceeds maxEventChars.");
  };
  const parser = createParser({
    onEvent: (event) => (event.data.length > maxEventChars ? refuse() : sink.event(event)),
    onId: sink.id,
    onRetry: sink.retry,
    onError: ({ type }) => type === "max-buffer-size-exceeded" && refuse(),
    maxBufferSize: maxEventChars,
  });
  // A stream may begin with one byte order mark (HTML §9.2.5). It is removed here, because the decoder of Node.js
  // removes two when the first is cut in pieces, and the parser would take the three characters "ï»¿" for one. A blank
  // line, which means nothing, ends the parser's own search.
  parser.feed("\n");
  let isStart = true;
  await pump(body?.getReader(), (text, bytes) => {
    sink.bytes(bytes);
    parser.feed(isStart ? text.replace(/^\uFEFF/, "") : text);
    isStart &&= !text;
    return signal.aborted;
  });
}

/** Hands the body's text over, piece by piece, until `take` returns true; then the server is told to stop. */
async function pump(
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
