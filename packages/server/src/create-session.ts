import { putHeader } from "./node-answer.ts";
import { readNodeRequest } from "./node-request.ts";
import { hasLeft, type NodeRequest, type NodeResponse, openNodeSink } from "./node-sink.ts";
import { encodeFirstBytes, openSession, overSession, type Session } from "./session.ts";
import { resolveSessionOptions, type SessionOptions } from "./session-options.ts";
import { isSessionMethod, SESSION_REFUSAL, sessionStart } from "./session-request.ts";
import { streamHeaders } from "./stream-request.ts";

/**
 * Opens a stream to one client, without a hub, on a request of `node:http`, `node:http2`, Express or anything alike. Its
 * headers, `retry:` and the welcome event leave at once. Any method but `GET` and `POST` is answered with 405.
 *
 * @throws {OptionError | FrameError | ReservedEventError | InvalidDataError} when the options are wrong; nothing has been
 * written then.
 *
 * @example
 * const session = createSession(req, res);
 * session.closed.then(() => unsubscribe());
 * await session.send({ event: "price", data: 42 });
 */
export function createSession(req: NodeRequest, res: NodeResponse, options: SessionOptions = {}): Session {
  const settings = resolveSessionOptions(options);
  const request = readNodeRequest(req);
  const start = sessionStart(request, settings);
  const firstBytes = encodeFirstBytes(start.id, settings);
  // The client left while the application was still busy; `close` has been emitted and will not come again.
  if (hasLeft(res)) return overSession(start, "client");
  if (!isSessionMethod(request)) {
    refuse(res);
    return overSession(start, "refused");
  }
  writeHead(res, settings.headers);
  return openSession(start, firstBytes, (events) => openNodeSink(res, req.httpVersionMajor ?? 1, events));
}

function writeHead(res: NodeResponse, own: Readonly<Record<string, string>>): void {
  const given = new Set(["content-type", ...Object.keys(own).map((name) => name.toLowerCase())]);
  res.statusCode = 200;
  for (const [name, value] of streamHeaders(own)) {
    if (given.has(name) || !res.hasHeader(name)) putHeader(res, name, value);
  }
}

function refuse(res: NodeResponse): void {
  res.statusCode = SESSION_REFUSAL.status;
  for (const [name, value] of Object.entries(SESSION_REFUSAL.headers)) res.setHeader(name, value);
  res.end(SESSION_REFUSAL.text);
}
