import { refuseMethod } from "./node-answer.ts";
import { readNodeRequest } from "./node-request.ts";
import { hasLeft, type NodeRequest, type NodeResponse, openNodeSink } from "./node-sink.ts";
import { encodeFirstBytes, openSession, overSession, type Session } from "./session.ts";
import { resolveSessionOptions, type SessionOptions } from "./session-options.ts";
import { isSessionMethod, SESSION_REFUSAL, sessionStart } from "./session-request.ts";
import { writeStreamHead } from "./stream-head.ts";

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
    refuseMethod(res, SESSION_REFUSAL);
    return overSession(start, "refused");
  }
  writeStreamHead(res, settings.headers);
  return openSession(start, firstBytes, () => openNodeSink(res, req.httpVersionMajor ?? 1));
}
