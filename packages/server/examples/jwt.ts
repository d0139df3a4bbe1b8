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
      // A key server that does not answer is no fault of the client, which must not throw its token away.
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) throw error;
      return unauthorized('Bearer error="invalid_token"');
    }
  };
}

function unauthorized(challenge: string): Response {
  return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
}
