import type { Gap } from "../connection/status.ts";
import { MAX_DELAY_MS } from "../defaults.ts";
import type { Environment } from "../environment.ts";
import { SSEError } from "../errors.ts";
import { withQuery } from "../request.ts";
import { pump, send, toRefusal } from "../transport/send.ts";
import type { RawEvent, TransportRequest, TransportSink } from "../transport/transport.ts";

/** What a server answers to a poll. Source: PROTOCOL.md, Polling. */
interface PollAnswer {
  readonly events: readonly RawEvent[];
  readonly id: string;
  readonly gaps?: readonly Gap[];
  readonly retryMs?: number;
  readonly channels?: readonly string[];
}

const JSON_TYPE = /^application\/json\s*(;|$)/i;
/** A server holds a poll for about this long when there is nothing to say. */
const HOLD_MS = 30_000;
/** A server that says nothing, at once and without a delay for the next poll, would be asked in a tight loop. */
const EMPTY_WAIT_MS = 1_000;

/**
 * Polls until the signal is aborted or a poll fails, and tells the sink what a stream would have told.
 *
 * @param onAnswer - called when an answer has been taken, with the position it reached
 */
export async function poll(
  request: TransportRequest,
  sink: TransportSink,
  environment: Environment,
  onAnswer: (position: string, hasGap: boolean) => void,
): Promise<void> {
  const { signal } = request;
  const { now, setTimer } = environment;
  let next = request;
  let position = request.lastEventId || new URLSearchParams(searchOf(request.url)).get("lastEventId");
  let isFirst = true;
  // Until everything that was missed is there: a server may spread it over several answers.
  let isBehind = true;
  let cancelTimer = () => {};
  signal.addEventListener("abort", () => cancelTimer());
  try {
    while (!signal.aborted) {
      const askedAt = now();
      // A poll that is held would look like a proxy that holds it back.
      const isImmediate: boolean = isBehind && !!position;
      const { answer, bytes } = await ask(next, isImmediate, environment);
      if (signal.aborted) return;
      const { events, id, gaps = [], retryMs = 0 } = answer;
      if (isFirst) sink.open("polling");
      sink.bytes(bytes);
      if (isBehind) sink.event(greet(answer, !!position, isFirst));
      for (const gap of gaps) sink.event({ event: "sse.gap", data: JSON.stringify(gap) });
      for (const event of events) {
        if (event.id !== undefined) sink.id(event.id);
        sink.event(event);
      }
      sink.id(id);
      isBehind = isImmediate && retryMs === 0 && events.length > 0;
      position = id;
      next = continueAt(request, id);
      if (!signal.aborted) onAnswer(id, gaps.length > 0);
      // The first may have been asked for an answer at once, or had no position to wait from.
      const isQuick = !isFirst && events.length === 0 && now() - askedAt < EMPTY_WAIT_MS;
      const waitMs = retryMs > 0 ? Math.min(retryMs, MAX_DELAY_MS) : isQuick ? EMPTY_WAIT_MS : 0;
      isFirst = false;
      await new Promise<void>((resolve) => {
        if (!signal.aborted) cancelTimer = setTimer(resolve, waitMs);
      });
    }
  } catch (error) {
    if (!signal.aborted) sink.end(SSEError.from(error, "network", `${request.url}: a poll failed.`));
  }
}

/** The query of a URL that may be relative, without the question mark. */
export function searchOf(url: string): string {
  return /\?([^#]*)/.exec(url)?.[1] ?? "";
}

/** The request with another position, sent in the same way. */
export function continueAt(request: TransportRequest, lastEventId: string): TransportRequest {
  return request.resumeBy === "query"
    ? { ...request, url: withQuery(request.url, { lastEventId }) }
    : { ...request, lastEventId };
}

/** @param isImmediate - the server is not to wait until there is something to say */
async function ask(request: TransportRequest, isImmediate: boolean, environment: Environment) {
  const url = isImmediate ? withQuery(request.url, { wait: "0" }) : request.url;
  const response = await send({ ...request, url, method: "GET", body: null }, "application/json", environment);
  if (response.status !== 200 || !JSON_TYPE.test(`${response.headers.get("content-type")}`))
    throw await toRefusal(response, url, environment);
  let text = "";
  let bytes = 0;
  await pump(response.body?.getReader(), (piece, size) => {
    text += piece;
    bytes += size;
    return false;
  });
  return { answer: JSON.parse(text) as PollAnswer, bytes };
}

/** What a stream would have begun with. */
function greet(
  { id, events, gaps, retryMs = 0, channels = ["**"] }: PollAnswer,
  hasPosition: boolean,
  isFirst: boolean,
) {
  const [epoch, ...rest] = id.split(".");
  // "gap" leaves what is said of the resume to the gaps themselves, and of a further answer to the first.
  const resume = gaps?.length || !isFirst ? "gap" : hasPosition ? "resumed" : "fresh";
  const hello = {
    // A name the server does not know: it refuses to change channels, and a new attempt asks for them.
    conn: "polling",
    epoch,
    pos: rest.join("."),
    // Nothing is heard while the server holds a poll or the client waits.
    heartbeatMs: HOLD_MS + retryMs,
    channels,
    resume,
    replayed: events.length,
  };
  return { event: "sse.hello", data: JSON.stringify(hello) };
}
