import type { CorsHeaders } from "./cors.ts";
import type { Verdict } from "./door.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Environment } from "./environment.ts";
import { discardFetchBody, readFetchBody } from "./fetch-body.ts";
import { openFetchSink } from "./fetch-sink.ts";
import { type JsonAnswer, jsonHeaders } from "./json-answer.ts";
import type { Pass } from "./pass.ts";
import { type Refusal, textHeaders } from "./refusal.ts";
import { isTooLong, TOO_LARGE } from "./request-body.ts";
import { checkStreamOptions, type StreamOptions } from "./stream-options.ts";
import { type Purpose, purposeOf, REFUSAL, type StreamRequest, streamHeaders } from "./stream-request.ts";

/** Answers a Fetch request: with a stream, or with what a client that has none asks for. */
export type FetchHandler = (request: Request, options?: StreamOptions) => Promise<Response>;

/** A request that is being answered. */
interface FetchExchange {
  readonly request: Request;
  readonly read: StreamRequest;
  /** Headers of the caller. */
  readonly own: Readonly<Record<string, string>>;
}

/** Creates the handler. A body holds at most `maxBufferedBytes`, and one write more, that nobody has read. */
export function createFetchHandler(
  endpoint: Endpoint,
  { setTimer }: Pick<Environment, "setTimer">,
  maxBufferedBytes: number,
): FetchHandler {
  async function change({ request, own }: FetchExchange, pass: Pass): Promise<Response> {
    const headers = new Headers(jsonHeaders(own));
    const read = await readFetchBody(request, setTimer);
    return respond("failure" in read ? read.failure : endpoint.change(read.text, pass), headers);
  }

  async function poll({ request, read, own }: FetchExchange, pass: Pass): Promise<Response> {
    const headers = new Headers(jsonHeaders(own));
    const outcome = endpoint.poll(read, pass);
    if ("answer" in outcome) return respond(outcome.answer, headers);
    const late = await unlessAborted(request, outcome.hold);
    return late ? respond(late, headers) : new Response(null, { headers });
  }

  function stream({ request, read, own }: FetchExchange, pass: Pass): Response {
    // Before the stream is opened, as it throws for headers that cannot be sent.
    const headers = new Headers(streamHeaders(own));
    let body: ReadableStream<Uint8Array> | undefined;
    const refusal = endpoint.openStream(read, pass, () => {
      const opened = openFetchSink(request, maxBufferedBytes);
      body = opened.body;
      return opened.sink;
    });
    return refusal ? refuseStream(refusal, own) : new Response(body, { headers });
  }

  function refuseBody({ request, own }: FetchExchange): Response {
    const headers = new Headers(jsonHeaders(own));
    discardFetchBody(request, setTimer);
    return respond(TOO_LARGE, headers);
  }

  function carryOut(exchange: FetchExchange, purpose: Purpose, verdict: Verdict): Response | Promise<Response> {
    if ("pass" in verdict) return { stream, poll, change }[purpose](exchange, verdict.pass);
    if ("response" in verdict) return verdict.response;
    if (purpose === "stream") return refuseStream(verdict.refusal, exchange.own);
    return respond(verdict.refusal, new Headers(jsonHeaders(exchange.own)));
  }

  return async (request, options = {}) => {
    checkStreamOptions(options);
    const read = readRequest(request);
    const purpose = purposeOf(read);
    const origin = request.headers.get("origin");
    if (endpoint.cors && request.method === "OPTIONS")
      return withCors(new Response(null, { status: 204 }), endpoint.cors.preflightFor(origin));
    const cors = endpoint.cors?.headersFor(origin);
    if (purpose === undefined) return withCors(new Response(REFUSAL.text, REFUSAL), cors);
    // Aborted already: the event will not come again, and nobody is there to read.
    if (request.signal.aborted) return new Response(null);
    const exchange = { request, read, own: { ...options.headers } };
    if (purpose === "change" && isTooLong(read.header("content-length"))) return withCors(refuseBody(exchange), cors);
    const admission = endpoint.admit(purpose, read, options);
    const verdict = "verdict" in admission ? admission.verdict : await unlessAborted(request, admission.ask);
    // It can be aborted in the very jobs between the decision and this; nobody has listened for it in them.
    if (!verdict || request.signal.aborted) return new Response(null);
    const response = carryOut(exchange, purpose, verdict);
    return withCors(response instanceof Promise ? await response : response, cors);
  };
}

/** Resolves with what `begin` calls back with, once and later, or with nothing when the client leaves first. */
function unlessAborted<Value>(
  request: Request,
  begin: (done: (value: Value) => void) => () => void,
): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const onAbort = () => {
      giveUp();
      resolve(undefined);
    };
    const giveUp = begin((value) => {
      // By way of the request, to keep it: in Node its signal goes silent once the request has been collected.
      request.signal.removeEventListener("abort", onAbort);
      resolve(value);
    });
    request.signal.addEventListener("abort", onAbort, { once: true });
  });
}

function respond({ status, body, headers: own = {} }: JsonAnswer, headers: Headers): Response {
  for (const [name, value] of Object.entries(own)) headers.set(name, value);
  return new Response(JSON.stringify(body), { status, headers });
}

function refuseStream(refusal: Refusal, own: Readonly<Record<string, string>>): Response {
  const headers = new Headers(own);
  for (const [name, value] of textHeaders(refusal)) headers.set(name, value);
  return new Response(`${refusal.body.message}\n`, { status: refusal.status, headers });
}

/** A copy, as the headers of a response that somebody else has made may be immutable. */
function withCors(response: Response, cors: CorsHeaders | undefined): Response {
  if (!cors) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of cors) {
    if (name === "vary") headers.append(name, value);
    else if (!headers.has(name)) headers.set(name, value);
  }
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

function readRequest(request: Request): StreamRequest {
  const { method, url, headers } = request;
  return {
    method,
    accept: headers.get("accept") ?? "",
    lastEventIdHeader: headers.get("last-event-id") ?? undefined,
    query: new URL(url).searchParams,
    address: undefined,
    source: request,
    header: (name) => headers.get(name),
    copyHeaders: () => new Headers(headers),
  };
}
