import { openFetchSink } from "./fetch-sink.ts";
import { checkStreamOptions, type OpenStream, type StreamOptions } from "./stream-options.ts";
import { refuseRequest, type StreamRequest, streamHeaders } from "./stream-request.ts";

/** Answers a Fetch request with a stream. */
export type FetchHandler = (request: Request, options?: StreamOptions) => Promise<Response>;

/** Creates the handler. A body holds at most `maxBufferedBytes`, and one write more, that nobody has read. */
export function createFetchHandler(openStream: OpenStream, maxBufferedBytes: number): FetchHandler {
  return async (request, options = {}) => {
    checkStreamOptions(options);
    const read = readRequest(request);
    const refusal = refuseRequest(read);
    if (refusal) {
      const { status, allow, text } = refusal;
      return new Response(text, { status, headers: { allow, "content-type": "text/plain; charset=utf-8" } });
    }
    // Before the stream is opened, as it throws for headers that cannot be sent.
    const headers = new Headers(streamHeaders(options.headers));
    // Aborted already: the event will not come again, and nobody is there to read.
    if (request.signal.aborted) return new Response(null, { headers });
    let body: ReadableStream<Uint8Array> | undefined;
    openStream(read, options, (events) => {
      const opened = openFetchSink(request.signal, maxBufferedBytes, events);
      body = opened.body;
      return opened.sink;
    });
    return new Response(body, { headers });
  };
}

function readRequest({ method, url, headers }: Request): StreamRequest {
  return {
    method,
    accept: headers.get("accept") ?? "",
    lastEventIdHeader: headers.get("last-event-id") ?? undefined,
    query: new URL(url).searchParams,
  };
}
