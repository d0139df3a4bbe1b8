import type { Endpoint } from "./endpoint.ts";
import type { Environment } from "./environment.ts";
import { type JsonAnswer, jsonHeaders } from "./json-answer.ts";
import { readNodeBody } from "./node-body.ts";
import { hasLeft, type NodeRequest, type NodeResponse, openNodeSink } from "./node-sink.ts";
import { TOO_SLOW } from "./request-body.ts";
import { checkStreamOptions, type StreamOptions } from "./stream-options.ts";
import { purposeOf, queryOf, REFUSAL, type StreamRequest, streamHeaders } from "./stream-request.ts";

/** Answers a Node request: with a stream, or with what a client that has none asks for. */
export type NodeHandler = (req: NodeRequest, res: NodeResponse, options?: StreamOptions) => void;

/** Creates the handler for `node:http`, `node:http2` and frameworks built on them. */
export function createNodeHandler(endpoint: Endpoint, { setTimer }: Pick<Environment, "setTimer">): NodeHandler {
  /** Throws for headers that cannot be sent, now rather than when there is something to answer. */
  function prepareAnswer(req: NodeRequest, res: NodeResponse, own: StreamOptions["headers"]) {
    for (const [name, value] of jsonHeaders(own)) res.setHeader(name, value);
    return ({ status, body }: JsonAnswer) => {
      // Somebody else may have answered meanwhile, a middleware with a time limit for instance.
      if (hasLeft(res) || res.writableEnded || res.headersSent) return;
      // The rest of a body that is too slow would be waited for.
      const isLast = endpoint.isClosing || status === TOO_SLOW.status;
      try {
        res.statusCode = status;
        if (isLast && isHttp1(req)) res.setHeader("connection", "close");
        res.end(JSON.stringify(body));
      } catch {
        // Middleware may have put code of its own in the way, and whoever comes next in a flush is not to suffer from it.
        res.destroy();
      }
    };
  }

  function poll(req: NodeRequest, res: NodeResponse, options: StreamOptions) {
    const outcome = endpoint.poll(readRequest(req), options);
    const answer = prepareAnswer(req, res, options.headers);
    if ("answer" in outcome) return answer(outcome.answer);
    const onClose = () => {
      res.removeListener("close", onClose);
      giveUp();
    };
    const giveUp = outcome.hold((late) => {
      res.removeListener("close", onClose);
      answer(late);
    });
    res.on("close", onClose);
  }

  function change(req: NodeRequest, res: NodeResponse, options: StreamOptions) {
    const apply = endpoint.prepareChange(options);
    const answer = prepareAnswer(req, res, options.headers);
    readNodeBody(req, res, setTimer, (body, failure) => answer(failure ?? apply(body)));
  }

  return (req, res, options = {}) => {
    checkStreamOptions(options);
    // The client left while the application was still busy; `close` has been emitted and will not come again.
    if (hasLeft(res)) return;
    const request = readRequest(req);
    const purpose = purposeOf(request);
    if (purpose === "poll") return poll(req, res, options);
    if (purpose === "change") return change(req, res, options);
    if (purpose === undefined) return refuse(res);
    endpoint.openStream(request, options, (events) => {
      writeHead(res, options.headers);
      return openNodeSink(res, req.httpVersionMajor ?? 1, events);
    });
  };
}

function readRequest({ method = "GET", url = "", headers }: NodeRequest): StreamRequest {
  const lastEventIdHeader = headers["last-event-id"];
  return {
    method,
    accept: String(headers.accept ?? ""),
    lastEventIdHeader: Array.isArray(lastEventIdHeader) ? lastEventIdHeader.join() : lastEventIdHeader,
    query: queryOf(url),
  };
}

function isHttp1({ httpVersionMajor = 1 }: NodeRequest): boolean {
  return httpVersionMajor === 1;
}

function writeHead(res: NodeResponse, own: StreamOptions["headers"] = {}): void {
  const given = new Set(["content-type", ...Object.keys(own).map((name) => name.toLowerCase())]);
  res.statusCode = 200;
  for (const [name, value] of streamHeaders(own)) {
    if (given.has(name) || !res.hasHeader(name)) res.setHeader(name, value);
  }
}

function refuse(res: NodeResponse): void {
  res.statusCode = REFUSAL.status;
  for (const [name, value] of Object.entries(REFUSAL.headers)) res.setHeader(name, value);
  res.end(REFUSAL.text);
}
