import type { Environment } from "./environment.ts";
import type { JsonAnswer } from "./json-answer.ts";
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
  if (!req.on || req.readableEnded) {
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
    done(failure ? undefined : buffer.text(), failure);
  }

  const cancelTimer = setTimer(() => finish(TOO_SLOW), MAX_BODY_MS);
  req.on("data", onData);
  req.on("end", onEnd);
  req.on("error", onError);
  res.on("close", onClose);
}

/** Of no request, as it stays. */
function ignore(): void {}
