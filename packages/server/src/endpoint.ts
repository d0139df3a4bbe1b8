import type { Acceptor } from "./acceptor.ts";
import type { ChannelChanger } from "./channel-changer.ts";
import type { Cors } from "./cors.ts";
import type { Counters } from "./counters.ts";
import { DEFAULTS } from "./defaults.ts";
import type { Door } from "./door.ts";
import { drawMs } from "./draw.ts";
import type { JsonAnswer } from "./json-answer.ts";
import type { Limits, OverLimit } from "./limits.ts";
import type { Pass } from "./pass.ts";
import type { Poller, PollOutcome } from "./poller.ts";
import { type Refusal, tooMany } from "./refusal.ts";
import type { Reporter } from "./reporter.ts";
import type { Sink } from "./sink.ts";
import type { StreamRequest } from "./stream-request.ts";

/** What a hub does for the targets, whatever the platform a request came from. */
export interface Endpoint {
  /** True from `hub.close()` on: a connection kept for further requests would only hold up the server. */
  readonly isClosing: boolean;
  readonly cors: Cors | undefined;
  readonly admit: Door["admit"];
  readonly report: Reporter["report"];
  /**
   * Opens a stream on whatever sink `openSink` provides. It calls `openSink` once, or throws before it does, or returns
   * how to answer instead.
   */
  openStream(request: StreamRequest, pass: Pass, openSink: () => Sink): Refusal | undefined;
  /** Answers a poll, or holds it. */
  poll(request: StreamRequest, pass: Pass): PollOutcome;
  /** Changes the channels of a stream as the body of the request asks. */
  change(body: unknown, pass: Pass): JsonAnswer;
}

/** What {@link createEndpoint} needs. */
export interface EndpointConfig {
  readonly door: Door;
  readonly cors: Cors | undefined;
  readonly reporter: Reporter;
  readonly limits: Limits;
  readonly overLimit: OverLimit;
  readonly counters: Counters;
  readonly acceptor: Acceptor;
  readonly poller: Poller;
  readonly changeChannels: ChannelChanger;
  random(): number;
  /** When to come back to a hub that is closing; `undefined` while it is not. */
  awayMs(): number | undefined;
}

/** Creates the endpoint of a hub. */
export function createEndpoint(config: EndpointConfig): Endpoint {
  const { limits, overLimit, counters, acceptor, poller, awayMs } = config;

  /** When to come back, where a limit leaves no room. */
  function limitRetryMs(pass: Pass): number | undefined {
    const reached = limits.reachedBy(pass);
    if (!reached) return undefined;
    counters.refused[reached]++;
    return drawMs(DEFAULTS.limitRetryMs, config.random);
  }

  return {
    get isClosing() {
      return awayMs() !== undefined;
    },
    cors: config.cors,
    admit: config.door.admit,
    report: config.reporter.report,
    openStream(request, pass, openSink) {
      const shutdownMs = awayMs();
      if (shutdownMs !== undefined) {
        counters.refused.closing++;
        acceptor.turnAway("shutdown", shutdownMs, openSink);
        return undefined;
      }
      const retryMs = pass.retryMs ?? limitRetryMs(pass);
      if (retryMs === undefined) acceptor.accept(request, pass, openSink);
      else if (overLimit === "status") return tooMany(retryMs);
      else acceptor.turnAway("limit", retryMs, openSink);
      return undefined;
    },
    poll(request, pass) {
      // A hub that is closing holds nobody, and says itself when to come back.
      const retryMs = awayMs() === undefined ? limitRetryMs(pass) : undefined;
      if (retryMs !== undefined && overLimit === "status") return { answer: tooMany(retryMs) };
      return poller.poll(request, pass, retryMs);
    },
    change: config.changeChannels,
  };
}
