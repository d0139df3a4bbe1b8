import type { Environment } from "./environment.ts";
import type { JsonAnswer } from "./json-answer.ts";
import { createBodyBuffer, MAX_BODY_MS, TOO_LARGE, TOO_SLOW, UNREADABLE } from "./request-body.ts";

/** Reads the body of a Fetch request, or says with an answer why it cannot be read. */
export async function readFetchBody(
  request: Request,
  setTimer: Environment["setTimer"],
): Promise<{ text: string } | { failure: JsonAnswer }> {
  if (isTaken(request)) return { failure: UNREADABLE };
  const buffer = createBodyBuffer();
  const { reader, stopped, release, discard } = openReader(request, setTimer);
  let failure: JsonAnswer | undefined;
  try {
    while (reader && !failure) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!buffer.add(value)) failure = TOO_LARGE;
    }
  } catch {
    failure = UNREADABLE;
  }
  failure = stopped() ?? failure;
  if (failure === TOO_LARGE) void discard();
  else release();
  return failure ? { failure } : { text: buffer.text() };
}

/** Reads a body that has been answered already, for nothing. */
export function discardFetchBody(request: Request, setTimer: Environment["setTimer"]): void {
  if (!isTaken(request)) void openReader(request, setTimer).discard();
}

function isTaken({ body, bodyUsed }: Request): boolean {
  return bodyUsed || body?.locked === true;
}

/** A reader that is called off when its time is over, or the client leaves before it is answered. */
function openReader(request: Request, setTimer: Environment["setTimer"]) {
  const reader = request.body?.getReader();
  let why: JsonAnswer | undefined;
  /** Ends a read that is under way, too. */
  const stop = (answer: JsonAnswer) => {
    why = answer;
    // What is not wanted any more may fail to be called off: that is nobody's concern.
    reader?.cancel().catch(() => {});
  };
  // Not every platform breaks off the body of a request that was aborted.
  const onAbort = () => stop(UNREADABLE);
  const cancelTimer = setTimer(() => stop(TOO_SLOW), MAX_BODY_MS);
  request.signal.addEventListener("abort", onAbort);
  return {
    reader,
    /** The answer where it was called off. */
    stopped: () => why,
    release() {
      cancelTimer();
      request.signal.removeEventListener("abort", onAbort);
    },
    /** Reads the rest for nothing. */
    async discard() {
      // Servers abort a request that has been answered, too, while the client may still be sending.
      request.signal.removeEventListener("abort", onAbort);
      try {
        while (reader && !(await reader.read()).done);
      } catch {
        // It broke off, and nobody wanted it.
      }
      cancelTimer();
    },
  };
}
