import { defaults, MAX_DELAY_MS } from "../defaults.ts";
import type { SSEError } from "../errors.ts";
import type { CloseReason } from "./close-reason.ts";

/**
 * How the client waits between attempts: a random time up to `min(capMs, baseMs × 2^attempt)`, on top of what the server
 * demanded. `false` in its place turns automatic reconnecting off.
 */
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
  /** Whether credentials can be refreshed and have not been since a stream last proved healthy. */
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
  const { code, reason, status = 0, retryAfterMs = 0 } = failure;
  // A request that was refused had no effect; one whose stream has expired had.
  if (code === "unauthorized" || reason === "expired")
    return canRefresh && (canRepeat || code === "unauthorized") ? "refresh" : "unauthorized";
  if (status === 204) return "server";
  const isFinal =
    code === "http"
      ? status < 500 && ![408, 425, 429].includes(status)
      : code === "content-type" || code === "too-large" || code === "invalid-option";
  if (!policy || !canRepeat || isFinal) return "error";

  const { retry } = defaults;
  const {
    baseMs = retry.baseMs,
    capMs = retry.capMs,
    maxAttempts = retry.maxAttempts,
  }: Partial<RetryPolicy> = Object(policy);
  if (isOnline && maxAttempts !== null && attempt >= maxAttempts) return "attempts";
  // It may come from JSON, and be anything.
  const notBeforeMs = retryAfterMs > 0 ? Math.min(retryAfterMs, MAX_DELAY_MS) : 0;
  // Without a network an attempt proves nothing about the server. But the browser can be wrong, so some are made.
  const delayMs = isOnline
    ? (notBeforeMs || serverRetryMs) + roll * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 31))
    : Math.max(notBeforeMs, OFFLINE_RETRY_MS);
  return { delayMs: Math.min(delayMs, MAX_DELAY_MS), notBeforeMs, counts: isOnline ? 1 : 0 };
}
