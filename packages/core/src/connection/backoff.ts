import { defaults, MAX_DELAY_MS } from "../defaults.ts";
import type { SSEError } from "../errors.ts";
import type { CloseReason } from "./close-reason.ts";

/** How the client waits between attempts. `false` in its place turns automatic reconnecting off. */
export interface RetryPolicy {
  /** The jitter of the first retry, in ms; doubled for each further one. @default 2000 */
  baseMs: number;
  /** Upper bound of the jitter, in ms. @default 30000 */
  capMs: number;
  /** Failed attempts in a row after which the client gives up; `null`: never. @default null */
  maxAttempts: number | null;
}

/** How often a connection is tried while the browser says that there is no network. */
const OFFLINE_RETRY_MS = 30_000;

export interface RetryInput {
  /** Failed attempts in a row before this one. */
  attempt: number;
  /** As given by the user. */
  policy: Partial<RetryPolicy> | boolean;
  /** The server's last `retry:` value in ms, or 0. */
  serverRetryMs: number;
  /** A random number in [0, 1). */
  roll: number;
  /** Whether credentials can be refreshed and have not been since a stream was last open. */
  canRefresh: boolean;
  /** Whether the same request may be sent again: see `idempotent` of `ClientOptions`. */
  canRepeat: boolean;
  /** What the browser believes of the network. */
  isOnline: boolean;
}

/**
 * What to do after a failure: wait, renew credentials, or stop for good. Nobody may shorten the wait below `notBeforeMs`,
 * which the server demanded; `counts` is what the failure adds to the attempts.
 */
export type RetryDecision =
  | { readonly delayMs: number; readonly notBeforeMs: number; readonly counts: 0 | 1 }
  | "refresh"
  | CloseReason;

/**
 * What to do after a failure. Pure: chance comes in as an argument.
 *
 * Full jitter (a delay anywhere between 0 and the bound) spreads returning clients best; `retry:` and `Retry-After`
 * are floors below it, never replaced by it.
 */
export function decideRetry(
  failure: SSEError,
  { attempt, policy, serverRetryMs, roll, canRefresh, canRepeat, isOnline }: RetryInput,
): RetryDecision {
  if (failure.code === "unauthorized" || failure.reason === "expired") return canRefresh ? "refresh" : "unauthorized";
  if (failure.status === 204) return "server";
  if (!policy || !canRepeat || !isRetryable(failure)) return "error";

  const { retry } = defaults;
  const {
    baseMs = retry.baseMs,
    capMs = retry.capMs,
    maxAttempts = retry.maxAttempts,
  }: Partial<RetryPolicy> = Object(policy);
  const { retryAfterMs = 0 } = failure;
  // Without a network an attempt proves nothing about the server. But the browser can be wrong, so some are made.
  if (!isOnline) return { delayMs: Math.max(retryAfterMs, OFFLINE_RETRY_MS), notBeforeMs: retryAfterMs, counts: 0 };
  if (maxAttempts !== null && attempt >= maxAttempts) return "attempts";
  return {
    delayMs: Math.min((retryAfterMs || serverRetryMs) + roll * Math.min(capMs, baseMs * 2 ** attempt), MAX_DELAY_MS),
    notBeforeMs: Math.min(retryAfterMs, MAX_DELAY_MS),
    counts: 1,
  };
}

function isRetryable({ code, status = 0 }: SSEError): boolean {
  if (code === "http") return status >= 500 || [408, 425, 429].includes(status);
  return code !== "content-type" && code !== "too-large";
}
