import type { Environment } from "./environment.ts";
import type { JsonAnswer } from "./json-answer.ts";
import { isHttp1 } from "./node-request.ts";
import type { NodeRequest, NodeResponse } from "./node-sink.ts";
import { createBodyBuffer, MAX_BODY_MS, TOO_LARGE, TOO_SLOW, UNREADABLE } from "./request-body.ts";

/**
 * Reads the body of a Node request: what middleware made of it, or the text. Calls back once, with an answer where it
 * cannot be read; not at all when the client leaves first.
 */
export function readNodeBody(
  req: NodeRequest,
  res: NodeResponse,
  setTimer: Environment["setTimer"],
  done: (body: unknown, failure: JsonAnswer | undefined) => void,
): void {
  // Middleware that did not read the body may still have put an empty object here.
  if (isRead(req)) {
    done(req.body, undefined);
    return;
  }
  const buffer = createBodyBuffer();
  const encoder = new TextEncoder();
  const onData = (chunk: Uint8Array | string) => {
    const isFine = buffer.add(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
    if (!isFine) finish(TOO_LARGE);
  };
  const onEnd = () => finish(undefined);
  const onError = () => finish(UNREADABLE);
  const onClose = () => release();

  function release() {
    cancelTimer();
    req.removeListener?.("data", onData);
    req.removeListener?.("end", onEnd);
    // Node decides whether to tell of an error before it does so. Of a request that waited behind another on its connection it
    // tells after `close`, and with nobody there the process would end.
    req.on?.("error", ignore);
    req.removeListener?.("error", onError);
    res.removeListener("close", onClose);
  }

  function finish(failure: JsonAnswer | undefined) {
    release();
    if (failure === TOO_LARGE) discardNodeBody(req, res, setTimer);
    done(failure ? undefined : buffer.text(), failure);
  }

  const cancelTimer = setTimer(() => finish(TOO_SLOW), MAX_BODY_MS);
  req.on?.("data", onData);
  req.on?.("end", onEnd);
  req.on?.("error", onError);
  res.on("close", onClose);
}

/** True when there is nothing to read any more. */
export function isRead(req: NodeRequest): boolean {
  return !req.on || req.readableEnded === true;
}

/**
 * Sees to the end of a body that is of no use, about to be answered. Node throws away the rest of one that has been answered, for
 * as long as it comes.
 */
export function discardNodeBody(req: NodeRequest, res: NodeResponse, setTimer: Environment["setTimer"]): void {
  // Taken now, because Node has detached it from the response by then. Over HTTP/2 it is not ours to touch.
  const socket = isHttp1(req) ? res.socket : undefined;
  const release = () => {
    cancelTimer();
    req.removeListener?.("end", release);
    req.removeListener?.("close", release);
    socket?.removeListener?.("close", release);
  };
  const cancelTimer = setTimer(() => {
    release();
    if (isHttp1(req)) socket?.destroySoon?.();
    else res.destroy();
  }, MAX_BODY_MS);
  req.on?.("end", release);
  req.on?.("close", release);
  // Of a client that leaves after the answer the request is not told.
  socket?.on?.("close", release);
  req.on?.("error", ignore);
}

/** Of no request, as it stays. */
function ignore(): void {}
