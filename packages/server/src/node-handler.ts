import { hasLeft, type NodeRequest, type NodeResponse, openNodeSink } from "./node-sink.ts";
import { checkStreamOptions, type OpenStream, type StreamOptions } from "./stream-options.ts";
import { queryOf, type Refusal, refuseRequest, type StreamRequest, streamHeaders } from "./stream-request.ts";

/** Answers a Node request with a stream. */
export type NodeHandler = (req: NodeRequest, res: NodeResponse, options?: StreamOptions) => void;

/** Creates the handler for `node:http`, `node:http2` and frameworks built on them. */
export function createNodeHandler(openStream: OpenStream): NodeHandler {
  return (req, res, options = {}) => {
    checkStreamOptions(options);
    // The client left while the application was still busy; `close` has been emitted and will not come again.
    if (hasLeft(res)) return;
    const request = readRequest(req);
    const refusal = refuseRequest(request);
    if (refusal) return refuse(res, refusal);
    openStream(request, options, (events) => {
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

function writeHead(res: NodeResponse, own: StreamOptions["headers"] = {}): void {
  const given = new Set(["content-type", ...Object.keys(own).map((name) => name.toLowerCase())]);
  res.statusCode = 200;
  for (const [name, value] of streamHeaders(own)) {
    if (given.has(name) || !res.hasHeader(name)) res.setHeader(name, value);
  }
}

function refuse(res: NodeResponse, { status, allow, text }: Refusal): void {
  res.statusCode = status;
  res.setHeader("allow", allow);
  res.setHeader("content-type", "text/plain; charset=utf-8");
  res.end(text);
}
