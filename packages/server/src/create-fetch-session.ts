import { openFetchSink } from "./fetch-sink.ts";
import { encodeFirstBytes, openSession, overSession, type Session } from "./session.ts";
import { resolveSessionOptions, type SessionOptions } from "./session-options.ts";
import { isSessionMethod, SESSION_REFUSAL, sessionStart } from "./session-request.ts";
import { streamHeaders } from "./stream-request.ts";

/** A session, and the response to return from the Fetch handler. */
export interface FetchSession {
  readonly session: Session;
  readonly response: Response;
}

/**
 * Opens a stream to one client, without a hub, on a Fetch request. Like `createSession`, but the response is for you to
 * return.
 *
 * @throws {OptionError | FrameError | ReservedEventError | InvalidDataError} when the options are wrong.
 *
 * @example
 * export function GET(request: Request) {
 *   const { session, response } = createFetchSession(request);
 *   void report(session);
 *   return response;
 * }
 */
export function createFetchSession(request: Request, options: SessionOptions = {}): FetchSession {
  const settings = resolveSessionOptions(options);
  const start = sessionStart(
    {
      query: new URL(request.url).searchParams,
      lastEventIdHeader: request.headers.get("last-event-id") ?? undefined,
    },
    settings,
  );
  const firstBytes = encodeFirstBytes(start.id, settings);
  // Before the stream is opened, as it throws for headers that cannot be sent.
  const headers = new Headers(streamHeaders(settings.headers));
  // Aborted already: the event will not come again, and nobody is there to read.
  if (request.signal.aborted) return { session: overSession(start, "client"), response: new Response(null) };
  if (!isSessionMethod(request)) {
    const { text, status, headers: own } = SESSION_REFUSAL;
    return { session: overSession(start, "refused"), response: new Response(text, { status, headers: own }) };
  }
  let body!: ReadableStream<Uint8Array>;
  const session = openSession(start, firstBytes, () => {
    const opened = openFetchSink(request, settings.maxBufferedBytes);
    body = opened.body;
    return opened.sink;
  });
  return { session, response: new Response(body, { headers }) };
}
