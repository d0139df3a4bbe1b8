import type { Endpoint } from "./endpoint.ts";
import type { Environment } from "./environment.ts";
import { readFetchBody } from "./fetch-body.ts";
import { openFetchSink } from "./fetch-sink.ts";
import { type JsonAnswer, jsonHeaders } from "./json-answer.ts";
import { checkStreamOptions, type StreamOptions } from "./stream-options.ts";
import { purposeOf, REFUSAL, type StreamRequest, streamHeaders } from "./stream-request.ts";

/** Answers a Fetch request: with a stream, or with what a client that has none asks for. */
export type FetchHandler = (request: Request, options?: StreamOptions) => Promise<Response>;

/** Creates the handler. A body holds at most `maxBufferedBytes`, and one write more, that nobody has read. */
export function createFetchHandler(
  endpoint: Endpoint,
  { setTimer }: Pick<Environment, "setTimer">,
  maxBufferedBytes: number,
): FetchHandler {
  async function change(request: Request, options: StreamOptions): Promise<Response> {
    const apply = endpoint.prepareChange(options);
    const headers = new Headers(jsonHeaders(options.headers));
    const read = await readFetchBody(request, setTimer);
    return respond("failure" in read ? read.failure : apply(read.text), headers);
  }

  async function poll(request: Request, options: StreamOptions): Promise<Response> {
    const headers = new Headers(jsonHeaders(options.headers));
    const outcome = endpoint.poll(readRequest(request), options);
    if ("answer" in outcome) return respond(outcome.answer, headers);
    return new Promise((resolve) => {
      const onAbort = () => {
        giveUp();
        resolve(new Response(null, { headers }));
      };
      const giveUp = outcome.hold((late) => {
        // By way of the request, to keep it: in Node its signal goes silent once the request has been collected.
        request.signal.removeEventListener("abort", onAbort);
        resolve(respond(late, headers));
      });
      request.signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  function stream(request: Request, options: StreamOptions): Response {
    // Before the stream is opened, as it throws for headers that cannot be sent.
    const headers = new Headers(streamHeaders(options.headers));
    let body: ReadableStream<Uint8Array> | undefined;
    endpoint.openStream(readRequest(request), options, (events) => {
      const opened = openFetchSink(request, maxBufferedBytes, events);
      body = opened.body;
      return opened.sink;
    });
    return new Response(body, { headers });
  }

  return async (request, options = {}) => {
    checkStreamOptions(options);
    const purpose = purposeOf(readRequest(request));
    if (purpose === undefined) return new Response(REFUSAL.text, REFUSAL);
    // Aborted already: the event will not come again, and nobody is there to read.
    if (request.signal.aborted) return new Response(null);
    return { stream, poll, change }[purpose](request, options);
  };
}

function respond({ status, body }: JsonAnswer, headers: Headers): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

function readRequest({ method, url, headers }: Request): StreamRequest {
  return {
    method,
    accept: headers.get("accept") ?? "",
    lastEventIdHeader: headers.get("last-event-id") ?? undefined,
    query: new URL(url).searchParams,
  };
}
