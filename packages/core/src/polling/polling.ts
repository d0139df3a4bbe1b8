import { SSEError } from "../errors.ts";
import type { Fallback, TransportRequest, TransportSink } from "../transport/transport.ts";
import { continueAt, poll, searchOf } from "./poll.ts";
import { startTrial, type Trial } from "./trial.ts";

/** Options of {@link polling}. */
export interface PollingOptions {
  /**
   * Where to poll; the query of the stream's URL is added.
   * @default the stream's URL
   */
  readonly url?: string | URL | undefined;
  /**
   * How long to poll before streaming is tried again, in ms; doubled after each failure, up to 30 minutes.
   * @default 60000
   */
  readonly returnMs?: number | undefined;
}

/** So many streams in a row that bring no byte in time, or that end in no time without having said anything. */
const SILENT_STREAMS = 2;
const SHORT_STREAMS = 3;
const SHORT_MS = 1_000;
const LONGEST_RETURN_MS = 1_800_000;
/** A stream that is tried while polling has the client's `firstByteTimeoutMs`, as far as that is known, and at most this. */
const LONGEST_TRIAL_MS = 60_000;
/** What a server answers that knows streams, but no polling. */
const NO_POLLING = [404, 405, 406];

/**
 * Fetches by polling what a stream should bring, while streams do not get through: two in a row without a byte within
 * `firstByteTimeoutMs`, or three in a row that ended within a second and had said nothing. Nothing is lost or repeated by
 * the change. The first one is explained by a warning in the console. From time to time a stream is tried beside the polls;
 * once it brings its first event, it takes over. `transport` of the status shows what is in use. Polling is always by `GET`.
 *
 * The server has to answer polls, as PROTOCOL.md describes.
 *
 * @throws SSEError `invalid-option`
 * @example
 * const client = createSSEClient({ url: "/events", fallback: polling() });
 */
export function polling({ url, returnMs = 60_000 }: PollingOptions = {}): Fallback {
  if (!(returnMs > 0))
    throw new SSEError("invalid-option", `Option "returnMs" is ${returnMs}. Pass a number above 0.`, {
      option: "returnMs",
    });
  return (primary, { environment }) => {
    const { now } = environment;
    let isPolling = false;
    let hasWarned = false;
    let silent = 0;
    let short = 0;
    let trialMs = LONGEST_TRIAL_MS;
    let returnAt = 0;
    let waitMs = 0;
    // The last polls had no answer: then streams are no worse.
    let isUnanswered = false;
    let lastTimeout: unknown;

    const putOff = () => {
      waitMs = Math.min(waitMs ? 2 * waitMs : returnMs, LONGEST_RETURN_MS);
      returnAt = now() + waitMs;
    };
    const giveUp = (target: string) => {
      isPolling = true;
      isUnanswered = false;
      silent = short = 0;
      putOff();
      if (hasWarned) return;
      hasWarned = true;
      console.warn(
        `Event streams of ${target.split("?")[0]} do not get through, so it is polled. A proxy seems to hold them back: let it not buffer ("proxy_buffering off" in nginx, or the header "X-Accel-Buffering: no") nor compress text/event-stream.`,
      );
    };
    const succeed = () => {
      isPolling = false;
      silent = short = waitMs = 0;
    };

    const stream = (request: TransportRequest, sink: TransportSink) => {
      const { signal } = request;
      const startedAt = now();
      let openedAt = Number.NEGATIVE_INFINITY;
      let isSilent = true;
      let isMute = true;
      signal.addEventListener("abort", () => {
        const { reason } = signal;
        // The reason can be an old one: an attempt that is replaced passes on what ended the one before.
        if (!isSilent || reason?.code !== "timeout" || reason === lastTimeout) return;
        lastTimeout = reason;
        // A machine that slept makes it longer.
        trialMs = Math.min(trialMs, now() - startedAt);
        if (isPolling || ++silent === SILENT_STREAMS) giveUp(request.url);
      });
      primary(request, {
        ...sink,
        open(name) {
          openedAt = now();
          sink.open(name);
        },
        bytes(count) {
          isSilent = false;
          silent = 0;
          sink.bytes(count);
        },
        event(raw) {
          if (isMute && !signal.aborted) succeed();
          isMute = false;
          sink.event(raw);
        },
        end(failure) {
          // What is heard of an aborted one is its echo.
          if (signal.aborted) return;
          isSilent = false;
          silent = 0;
          if (isMute) {
            short = now() - openedAt < SHORT_MS ? short + 1 : 0;
            if (isPolling || short === SHORT_STREAMS) giveUp(request.url);
          }
          sink.end(failure);
        },
      });
    };

    const pollMeanwhile = (request: TransportRequest, sink: TransportSink) => {
      const { signal } = request;
      const search = searchOf(request.url);
      const target = url && search ? `${url}${`${url}`.includes("?") ? "&" : "?"}${search}` : `${url ?? request.url}`;
      const polls = new AbortController();
      let trial: Trial | undefined;
      signal.addEventListener("abort", () => {
        const { reason } = signal;
        if (reason?.code === "timeout") isUnanswered = true;
        polls.abort(reason);
        trial?.abort(reason);
      });
      const refuse = (failure: SSEError) => {
        trial?.abort();
        isUnanswered = true;
        // Whoever answers so may do streams none the less.
        const isUnknown = failure.code === "content-type" || NO_POLLING.includes(failure.status ?? 0);
        if (isUnknown) isPolling = false;
        sink.end(
          isUnknown
            ? new SSEError("timeout", `${target} does not answer polls. See "cause".`, { cause: failure })
            : failure,
        );
      };
      void poll(
        { ...request, url: target, signal: polls.signal },
        { ...sink, end: refuse },
        environment,
        (id, hasGap) => {
          isUnanswered = false;
          const isTrying = trial && !trial.isOver;
          // A stream that began before the gap would tell of it again.
          if (isTrying ? !hasGap : now() < returnAt) return;
          trial?.abort();
          putOff();
          trial = startTrial(primary, continueAt(request, id), sink, trialMs, environment, () => {
            polls.abort();
            succeed();
          });
        },
      );
    };

    return (request, sink) => {
      if (isPolling && !(isUnanswered && now() >= returnAt)) pollMeanwhile(request, sink);
      else stream(request, sink);
    };
  };
}
