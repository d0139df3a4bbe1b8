import type { JsonAnswer } from "./json-answer.ts";
import type { LimitName } from "./limits.ts";

/** The answer to a request that is turned down. Its `message` is what somebody who asked for a stream reads as text. */
export interface Refusal extends JsonAnswer {
  readonly body: { readonly error: string; readonly message: string };
}

/** Why requests were turned down, or away. */
export type RefusalReason = "forbidden" | "expired" | "response" | "failed" | "closing" | LimitName;

/** The answer where `authorize` grants nothing. */
export const FORBIDDEN: Refusal = Object.freeze({
  status: 403,
  body: { error: "forbidden", message: "This request is not authorised." },
});

/** The answer to a permission that is over already. */
export const EXPIRED: Refusal = Object.freeze({
  status: 401,
  headers: { "www-authenticate": 'Bearer error="invalid_token"' },
  body: { error: "expired", message: "The authorisation of this request has expired. Renew it." },
});

/** The answer where `authorize` failed. What went wrong is nothing for the client to know. */
export const FAILED: Refusal = Object.freeze({
  status: 500,
  body: { error: "failed", message: "The request could not be authorised. Try again later." },
});

/** The answer of a hub that is closing to somebody nobody knows yet: only a stream can be told without an answer. */
export function closing(retryMs: number): Refusal {
  return later(503, "closing", "The server is closing.", retryMs);
}

/** The answer where a limit leaves no room. */
export function tooMany(retryMs: number): Refusal {
  return later(429, "too-many", "Too many connections.", retryMs);
}

function later(status: number, error: string, message: string, retryMs: number): Refusal {
  const seconds = Math.ceil(retryMs / 1_000);
  return {
    status,
    headers: { "retry-after": String(seconds) },
    body: { error, message: `${message} Try again in ${seconds} s.` },
  };
}

/** Headers of a refusal that is read as text. */
export function textHeaders({ headers = {} }: Refusal): [name: string, value: string][] {
  return [...Object.entries(headers), ["content-type", "text/plain; charset=utf-8"], ["cache-control", "no-store"]];
}
