import type { Authorize, Grant } from "@x/sse-server";
import { errors, type JWTVerifyGetKey, jwtVerify } from "jose";

/** What the tokens must be. */
export interface TokenRules {
  /** For a key server, `createRemoteJWKSet(url)`; for a shared secret, a function that returns it. */
  readonly key: JWTVerifyGetKey;
  readonly algorithms: string[];
  readonly issuer: string;
  readonly audience: string;
  /** What the user of a valid token may listen to. */
  channels(user: string): Grant["channels"];
}

/**
 * Lets in who brings a valid JSON Web Token: in the `Authorization` header, in the cookie `token`, or in the query for a
 * native `EventSource` on another origin, which can send neither.
 *
 * @example
 * const key = createRemoteJWKSet(new URL("https://id.example.com/.well-known/jwks.json"));
 * const hub = createHub({
 *   authorize: authorizeByToken({ key, algorithms: ["ES256"], issuer: "https://id.example.com", audience: "events", channels }),
 * });
 */
export function authorizeByToken({ key, channels, ...rules }: TokenRules): Authorize {
  return async ({ bearer, cookie, query }) => {
    const token = bearer ?? cookie("token") ?? query.get("token");
    if (!token) return unauthorized("Bearer");
    try {
      const { payload } = await jwtVerify(token, key, { ...rules, requiredClaims: ["sub", "exp"] });
      const { sub = "", exp = 0 } = payload;
      return { user: sub, expiresAt: exp * 1_000, channels: channels(sub) };
    } catch (error) {
      if (isFaultOfToken(error)) return unauthorized('Bearer error="invalid_token"');
      throw error;
    }
  };
}

/** A key server that does not answer, or answers nonsense, is none: the client must not throw its token away. */
function isFaultOfToken(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false;
  return !["ERR_JOSE_GENERIC", "ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID"].includes(error.code);
}

function unauthorized(challenge: string): Response {
  return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
}
