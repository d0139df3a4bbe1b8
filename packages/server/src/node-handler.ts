import type { Verdict } from "./door.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Environment } from "./environment.ts";
import { isAnswered, type NodeExchange, prepareAnswer, putHeader, refuseMethod, refuseStream } from "./node-answer.ts";
import { discardNodeBody, isRead, readNodeBody } from "./node-body.ts";
import { relayResponse } from "./node-relay.ts";
import { readNodeRequest } from "./node-request.ts";
import { hasLeft, type NodeRequest, type NodeResponse, openNodeSink } from "./node-sink.ts";
import type { Pass } from "./pass.ts";
import { FAILED } from "./refusal.ts";
import { isTooLong, TOO_LARGE } from "./request-body.ts";
import { createStallWatch } from "./stall-watch.ts";
import { writeStreamHead } from "./stream-head.ts";
import { checkStreamOptions, type StreamOptions } from "./stream-options.ts";
import { type Purpose, purposeOf, REFUSAL, type StreamRequest } from "./stream-request.ts";

/** Answers a Node request: with a stream, or with what a client that has none asks for. */
export type NodeHandler = (req: NodeRequest, res: NodeResponse, options?: StreamOptions) => void;

/** Creates the handler for `node:http`, `node:http2` and frameworks built on them. */
export function createNodeHandler(endpoint: Endpoint, environment: Environment, stallMs: number): NodeHandler {
  const { setTimer } = environment;
  const { watch } = createStallWatch(environment, stallMs);

  function stream(exchange: NodeExchange, request: StreamRequest, pass: Pass) {
    const { req, res, own } = exchange;
    const refusal = endpoint.openStream(request, pass, () => {
      writeStreamHead(res, own);
      return openNodeSink(res, req.httpVersionMajor ?? 1);
    });
    if (refusal) refuseStream(exchange, refusal);
  }

  function poll(exchange: NodeExchange, request: StreamRequest, pass: Pass) {
    const answer = prepareAnswer(exchange);
    const outcome = endpoint.poll(request, pass);
    if ("answer" in outcome) answer(outcome.answer);
    else waitUnlessLeft(exchange.res, outcome.hold, answer);
  }

  function change(exchange: NodeExchange, _request: StreamRequest, pass: Pass) {
    const answer = prepareAnswer(exchange);
    readNodeBody(exchange.req, exchange.res, setTimer, (body, failure) =>
      answer(failure ?? endpoint.change(body, pass)),
    );
  }

  function refuseBody(exchange: NodeExchange) {
    const answer = prepareAnswer(exchange);
    discardNodeBody(exchange.req, exchange.res, setTimer);
    answer(TOO_LARGE);
  }

  function carryOut(exchange: NodeExchange, purpose: Purpose, request: StreamRequest, verdict: Verdict) {
    if ("pass" in verdict) return { stream, poll, change }[purpose](exchange, request, verdict.pass);
    if ("response" in verdict) return void relayResponse(exchange, verdict.response);
    if (purpose === "stream") refuseStream(exchange, verdict.refusal);
    else prepareAnswer(exchange)(verdict.refusal);
  }

  /** Nobody is there to catch what this throws: the application's call has returned. */
  function carryOutLate(exchange: NodeExchange, purpose: Purpose, request: StreamRequest, verdict: Verdict) {
    if (isAnswered(exchange.res)) return;
    try {
      carryOut(exchange, purpose, request, verdict);
    } catch (error) {
      endpoint.report(error);
      // Without the headers of the caller, which may be what cannot be sent.
      refuseStream({ ...exchange, own: {} }, FAILED);
    }
  }

  function knock(exchange: NodeExchange, purpose: Purpose, request: StreamRequest, options: StreamOptions) {
    const admission = endpoint.admit(purpose, request, options);
    if ("verdict" in admission) return carryOut(exchange, purpose, request, admission.verdict);
    waitUnlessLeft(exchange.res, admission.ask, (verdict) => carryOutLate(exchange, purpose, request, verdict));
  }

  return (req, res, options = {}) => {
    checkStreamOptions(options);
    // The client left while the application was still busy; `close` has been emitted and will not come again.
    if (hasLeft(res)) return;
    const request = readNodeRequest(req);
    const purpose = purposeOf(request);
    const origin = request.header("origin");
    const isPreflight = request.method === "OPTIONS" && endpoint.cors;
    const cors = isPreflight ? endpoint.cors?.preflightFor(origin) : endpoint.cors?.headersFor(origin);
    for (const [name, value] of cors ?? []) putHeader(res, name, value);
    if (isPreflight) return allow(res);
    if (purpose === undefined) return refuseMethod(res, REFUSAL);
    const exchange = { req, res, own: { ...options.headers }, isLast: () => endpoint.isClosing, watch };
    if (purpose === "change" && isTooLong(request.header("content-length")) && !isRead(req))
      return refuseBody(exchange);
    knock(exchange, purpose, request, options);
  };
}

/** Waits for what `begin` calls back with, once and later, and gives up on it when the client leaves first. */
function waitUnlessLeft<Value>(
  res: NodeResponse,
  begin: (done: (value: Value) => void) => () => void,
  use: (value: Value) => void,
): void {
  const onClose = () => {
    res.removeListener("close", onClose);
    giveUp();
  };
  const giveUp = begin((value) => {
    res.removeListener("close", onClose);
    use(value);
  });
  res.on("close", onClose);
}

function allow(res: NodeResponse): void {
  res.statusCode = 204;
  res.end();
}
