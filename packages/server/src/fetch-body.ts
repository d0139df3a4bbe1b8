import type { Environment } from "./environment.ts";
import type { JsonAnswer } from "./json-answer.ts";
import { createBodyBuffer, MAX_BODY_MS, TOO_LARGE, TOO_SLOW, UNREADABLE } from "./request-body.ts";

/** Reads the body of a Fetch request, or says with an answer why it cannot be read. */
export async function readFetchBody(
  request: Request,
  setTimer: Environment["setTimer"],
): Promise<{ text: string } | { failure: JsonAnswer }> {
  const { body, bodyUsed } = request;
  if (bodyUsed || body?.locked) return { failure: UNREADABLE };
  const buffer = createBodyBuffer();
  const reader = body?.getReader();
  let failure: JsonAnswer | undefined;
  /** Ends a read that is under way, too. */
  const stop = (why: JsonAnswer) => {
    failure = why;
    // What is not wanted any more may fail to be called off: that is nobody's concern.
    reader?.cancel().catch(() => {});
  };
  // Not every platform breaks off the body of a request that was aborted.
  const onAbort = () => stop(UNREADABLE);
  const cancelTimer = setTimer(() => stop(TOO_SLOW), MAX_BODY_MS);
  request.signal.addEventListener("abort", onAbort);
  try {
    while (reader && !failure) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!buffer.add(value)) stop(TOO_LARGE);
    }
  } catch {
    failure ??= UNREADABLE;
  } finally {
    cancelTimer();
    request.signal.removeEventListener("abort", onAbort);
  }
  return failure ? { failure } : { text: buffer.text() };
}
