import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why a request is not let in. */
export interface Refusal {
  readonly status: 401 | 503;
  readonly error: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Decides who gets a stream. A request without a token always does: a playground has nothing to hide. */
export interface Admission {
  /** A token that is good until it expires. */
  issueToken(): string;
  /** No token issued so far is good any more. */
  expireTokens(): void;
  /** Turns everyone away for so long. */
  overload(seconds: number): void;
  /** `null` lets the request in. */
  refusalOf(req: Pick<IncomingMessage, "headers">): Refusal | null;
}

/** Far more than there are pages open; the oldest is forgotten first. */
const MAX_TOKENS = 1_000;

export function createAdmission(now = Date.now): Admission {
  const tokens = new Set<string>();
  let busyUntil = 0;

  return {
    issueToken() {
      const token = randomUUID();
      const [oldest] = tokens;
      if (oldest !== undefined && tokens.size >= MAX_TOKENS) tokens.delete(oldest);
      tokens.add(token);
      return token;
    },
    expireTokens: () => tokens.clear(),
    overload(seconds) {
      busyUntil = now() + seconds * 1_000;
    },
    refusalOf({ headers: { authorization } }) {
      const left = busyUntil - now();
      if (left > 0) {
        const headers = { "retry-after": `${Math.ceil(left / 1_000)}` };
        return { status: 503, error: "The server is overloaded.", headers };
      }
      if (authorization === undefined || tokens.has(authorization.replace(/^Bearer /, ""))) return null;
      return { status: 401, error: "The token has expired.", headers: { "www-authenticate": "Bearer" } };
    },
  };
}
