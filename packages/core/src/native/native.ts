import { SSEError } from "../errors.ts";
import type { Hello } from "../inbox.ts";
import { withQuery } from "../request.ts";
import type { TransportFactory, TransportRequest, TransportSink } from "../transport/transport.ts";

/** Options of {@link native}. */
export interface NativeOptions {
  /** The class to use. @default the global one, looked up when connecting */
  readonly EventSource?: typeof globalThis.EventSource | undefined;
}

/** Source: PROTOCOL.md, Frames. */
const CONTROL = ["hello", "gap", "bye", "subscribed", "ping"].map((name) => `sse.${name}`);

/**
 * Carries the stream with the browser's `EventSource`. It is listed by the browser's tools, and its code is small; but
 *
 * - it sends no headers and no body, and only `GET`: authenticate by cookie, with `withCredentials` for another origin;
 * - it does not tell why it failed, so every failure counts as `network` and is retried: set `retry.maxAttempts` if the
 *   server may refuse for good. `onUnauthorized` is called for an `sse.bye` with reason `expired` only, and `Retry-After`,
 *   `retry:` and a 204 are not seen;
 * - it shows no comments. A silent stream is noticed once the server sends `sse.ping` events;
 * - only events whose names are known when it connects are received: define `channels`. Patterns cannot be.
 *
 * Every attempt is a new `EventSource`; the position goes into the query as `lastEventId`.
 *
 * @throws SSEError `invalid-option` for a channel that is a pattern
 * @example
 * const client = createSSEClient({ url: "/events", channels, transport: native() });
 */
export function native({ EventSource }: NativeOptions = {}): TransportFactory {
  return ({ router: { events } }) => {
    checkNames(events());
    // Whether this server lets its heartbeats be seen.
    let hasPings = false;

    const connect = (request: TransportRequest, sink: TransportSink) => {
      const { url, lastEventId, withCredentials = false, signal } = request;
      checkRequest(request);
      const Source = EventSource ?? globalThis.EventSource;
      if (!Source) refuse("transport", "There is no EventSource here. Leave the option away: fetch is used then.");
      const source = new Source(lastEventId ? withQuery(url, { lastEventId }) : url, { withCredentials });
      let hello: Partial<Hello> = {};
      let toReplay = 0;
      let seenId = "";

      const receive = ({ type, data, lastEventId: id }: MessageEvent) => {
        // The source's own "open" and "error" have no data.
        if (typeof data !== "string") return;
        sink.bytes(data.length);
        // The browser repeats the last id for events that have none.
        const isNew = id !== seenId;
        seenId = id;
        if (isNew) sink.id(id);
        if (type === "sse.hello") {
          hello = read(data);
          toReplay = hello.resume === "gap" ? 0 : (hello.replayed ?? 0);
          if (!hasPings && hello.heartbeatMs) data = JSON.stringify({ ...hello, heartbeatMs: null });
        }
        sink.event({ event: type, id: isNew ? id : undefined, data });
        // The id that ends the replay comes without data, and is not shown.
        if (!CONTROL.includes(type) && toReplay > 0 && --toReplay === 0) sink.id(`${hello.epoch}.${hello.pos}`);
        if (type === "sse.ping" && !hasPings) {
          hasPings = true;
          // From here on silence means something. "gap" leaves what was said of the resume.
          if (hello.conn) sink.event({ event: "sse.hello", data: JSON.stringify({ ...hello, resume: "gap" }) });
        }
      };
      signal.addEventListener("abort", () => source.close());
      for (const type of new Set(["message", ...CONTROL, ...events()]))
        source.addEventListener(type, receive, { signal });
      source.addEventListener("open", (event) => "data" in event || sink.open("native"), { signal });
      source.addEventListener(
        "error",
        (event) => {
          if ("data" in event) return;
          const isRefused = source.readyState === 2;
          // It would try again by itself, with a delay of its own and without the client knowing.
          source.close();
          sink.end(
            new SSEError(
              "network",
              isRefused ? `${url}: the answer is no event stream, or was refused.` : `${url}: the connection failed.`,
            ),
          );
        },
        { signal },
      );
    };

    return (request, sink) => {
      try {
        checkNames(events());
        connect(request, sink);
      } catch (error) {
        sink.end(SSEError.from(error, "request", `${request.url}: EventSource does not take this address.`));
      }
    };
  };
}

function checkNames(names: readonly string[]) {
  const pattern = names.find((name) => name.includes("*"));
  if (pattern)
    refuse("channels", `EventSource cannot listen to "${pattern}". Name each channel, or use createSSEClient.`);
}

function checkRequest({ headers, body, method }: TransportRequest) {
  const option = Object.keys(headers ?? {}).length > 0 ? "headers" : body ? "body" : "method";
  if (option === "method" && method === "GET") return;
  refuse(
    option,
    `EventSource sends no ${option === "method" ? method : option}. Use cookies and \`query\`, or createSSEClient.`,
  );
}

function refuse(option: string, message: string): never {
  throw new SSEError("invalid-option", message, { option });
}

/** What is no JSON is reported by who receives it. */
function read(data: string): Partial<Hello> {
  try {
    return Object(JSON.parse(data));
  } catch {
    return {};
  }
}
