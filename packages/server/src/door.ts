import { type AuthorizeContext, createAuthorizeContext } from "./authorize-context.ts";
import type { ChannelRegistry } from "./channel-registry.ts";
import { clientIp } from "./client-ip.ts";
import type { Counters } from "./counters.ts";
import { DEFAULTS } from "./defaults.ts";
import { drawMs } from "./draw.ts";
import type { CompleteEnvironment } from "./environment.ts";
import { GrantError } from "./errors.ts";
import { type Grant, narrowPass } from "./grant.ts";
import type { LimitName, Limits, OverLimit } from "./limits.ts";
import { momentOf, NEVER, type Pass, untilMoment } from "./pass.ts";
import { closing, EXPIRED, FAILED, FORBIDDEN, type Refusal, type RefusalReason, tooMany } from "./refusal.ts";
import type { Reporter } from "./reporter.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { Purpose, StreamRequest } from "./stream-request.ts";
import { waitFor } from "./wait-for.ts";

/** What `authorize` may answer. */
export type Decision = Grant | Response | null;

/** Decides about a request. */
export type Authorize = (context: AuthorizeContext) => Decision | PromiseLike<Decision>;

/** What was decided: let in, turned down, or answered by the application. */
export type Verdict = { readonly pass: Pass } | { readonly refusal: Refusal } | { readonly response: Response };

/** A request at the door: decided about at once, or after somebody was asked. */
type Admission =
  | { readonly verdict: Verdict }
  | {
      /** Asks. Calls back once and later, never before it returns; the returned function gives up on it. */
      ask(done: (verdict: Verdict) => void): () => void;
    };

/** Lets requests in. */
export interface Door {
  /**
   * @throws {OptionError | UnknownChannelError} when the options are wrong.
   */
  admit(purpose: Purpose, request: StreamRequest, options: StreamOptions): Admission;
  /** Turns away all who wait. The hub is closing from now on. */
  close(): void;
}

/** What {@link createDoor} needs. */
export interface DoorConfig {
  readonly authorize: Authorize | undefined;
  readonly trustProxy: number;
  readonly registry: ChannelRegistry;
  readonly environment: CompleteEnvironment;
  readonly counters: Pick<Counters, "refused">;
  readonly limits: Pick<Limits, "reachedByWaiting" | "wait">;
  readonly overLimit: OverLimit;
  readonly reporter: Reporter;
  /** When to come back to a hub that is closing; `undefined` while it is not. */
  awayMs(): number | undefined;
}

/** Somebody who may only be turned away. */
const NOBODY: Pass = Object.freeze({ user: undefined, channels: [], ip: undefined, expiry: NEVER, isLeftOpen: false });

/** Creates the door of a hub. */
export function createDoor(config: DoorConfig): Door {
  const { authorize, trustProxy, registry, environment, counters, limits, overLimit, reporter } = config;
  const waiting = new Set<() => void>();

  function refuse(reason: RefusalReason, refusal: Refusal): Verdict {
    counters.refused[reason]++;
    return { refusal };
  }

  function passFor(request: StreamRequest, { user, channels, expiresAt, ip, drain }: StreamOptions): Pass {
    const forwardedFor = trustProxy > 0 ? request.header("x-forwarded-for") : null;
    return {
      user,
      channels: registry.authorise(channels),
      ip: clientIp({ given: ip, forwardedFor, address: request.address, trustProxy }),
      expiry: expiresAt === undefined ? NEVER : momentOf(expiresAt, environment),
      isLeftOpen: drain === "finish",
    };
  }

  function checkExpiry(pass: Pass): Verdict {
    return untilMoment(pass.expiry, environment) > 0 ? { pass } : refuse("expired", EXPIRED);
  }

  function fail(error: unknown): Verdict {
    reporter.report(error);
    return refuse("failed", FAILED);
  }

  function judge(decision: unknown, pass: Pass): Verdict {
    if (decision === null) return refuse("forbidden", FORBIDDEN);
    try {
      if (!isResponse(decision)) return checkExpiry(narrowPass(pass, decision, registry, environment));
      checkResponse(decision);
      counters.refused.response++;
      return { response: decision };
    } catch (error) {
      return fail(error);
    }
  }

  /** A stream is turned away whoever asks for it; anything else would need to be answered. */
  function turnAway(purpose: Purpose, awayMs: number): Verdict {
    return purpose === "stream" ? { pass: NOBODY } : refuse("closing", closing(awayMs));
  }

  /** Whoever must not even wait. What a poll or change would be told is not known to be theirs. */
  function turnBack(purpose: Purpose, reached: LimitName): Verdict {
    const retryMs = drawMs(DEFAULTS.limitRetryMs, environment.random);
    if (purpose !== "stream" || overLimit === "status") return refuse(reached, tooMany(retryMs));
    counters.refused[reached]++;
    return { pass: { ...NOBODY, retryMs } };
  }

  function ask(decide: Authorize, purpose: Purpose, request: StreamRequest, pass: Pass, done: (it: Verdict) => void) {
    const left = new AbortController();
    const stopCounting = limits.wait(purpose, pass.ip);
    const context = createAuthorizeContext(purpose, request, pass.ip, left.signal);
    // Not before this returns, as it may make the client leave.
    const decision = Promise.resolve().then(() => (left.signal.aborted ? null : decide(context)));

    function giveUp() {
      stopWaiting();
      stopCounting();
      waiting.delete(turnAwayNow);
      left.abort();
    }

    function turnAwayNow() {
      giveUp();
      done(turnAway(purpose, config.awayMs() ?? 0));
    }

    const stopWaiting = waitFor(decision, (outcome) => {
      stopCounting();
      waiting.delete(turnAwayNow);
      done("error" in outcome ? fail(outcome.error) : judge(outcome.value, pass));
    });
    waiting.add(turnAwayNow);
    return giveUp;
  }

  return {
    admit(purpose, request, options) {
      const pass = passFor(request, options);
      const awayMs = config.awayMs();
      if (authorize && awayMs !== undefined) return { verdict: turnAway(purpose, awayMs) };
      const verdict = checkExpiry(pass);
      if (!authorize || "refusal" in verdict) return { verdict };
      const reached = limits.reachedByWaiting(purpose, pass.ip);
      if (reached) return { verdict: turnBack(purpose, reached) };
      return { ask: (done) => ask(authorize, purpose, request, pass, done) };
    },
    close() {
      for (const turnAwayNow of [...waiting]) if (waiting.has(turnAwayNow)) turnAwayNow();
    },
  };
}

/** Throws for one that cannot be sent. */
function checkResponse({ bodyUsed, body, status, headers }: Response): void {
  if (bodyUsed || body?.locked) throw new GrantError("the body has been used. Make a new Response each time.");
  if (status < 200) throw new GrantError("it is an error response.");
  // Packages for old versions of Node have a Response whose body is a stream of Node.
  if (typeof headers?.getSetCookie !== "function" || (body && typeof body.getReader !== "function"))
    throw new GrantError("it is not like the platform's own. Use the global Response.");
}

/** Also one of another realm, or of a package that brings its own. */
function isResponse(value: unknown): value is Response {
  return value instanceof Response || Object.prototype.toString.call(value) === "[object Response]";
}
