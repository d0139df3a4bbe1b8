import { createRemoteJWKSet, customFetch, errors, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { authorizeByToken } from "../examples/jwt.ts";
import { createHub } from "../src/index.ts";
import { type Call, PROTOCOLS, serveOver } from "./support/exchange.ts";
import { cleanUp, onCleanUp } from "./support/live-server.ts";

afterEach(cleanUp);

const SECRET = new TextEncoder().encode("a secret of at least thirty-two bytes");
const RULES = {
  key: async () => SECRET,
  algorithms: ["HS256"],
  issuer: "https://id.example.com",
  audience: "events",
  channels: (user: string) => [`orders/${user}`],
};

/** A token that is valid but for what is said. */
function sign({ user = "ann" as string | null, audience = "events", seconds = 60, secret = SECRET } = {}) {
  const now = Math.floor(Date.now() / 1_000);
  const token = new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(RULES.issuer)
    .setAudience(audience)
    .setExpirationTime(now + seconds);
  return (user === null ? token : token.setSubject(user)).sign(secret);
}

describe.each(PROTOCOLS)("the example with tokens over %s", (protocol) => {
  async function serve(rules: object = {}) {
    const onError = vi.fn();
    const hub = createHub({ authorize: authorizeByToken({ ...RULES, ...rules }), onError });
    onCleanUp(() => hub.close({ spreadMs: 0 }));
    return { hub, onError, send: await serveOver(protocol, hub) };
  }

  // SPEC 57, 76
  it.each<[string, (token: string) => Call]>([
    ["the header", (token) => ({ headers: { authorization: `Bearer ${token}` } })],
    ["a cookie", (token) => ({ headers: { cookie: `other=1; token=${token}` } })],
    ["the query", (token) => ({ query: `?token=${token}` })],
  ])("lets in who brings one in %s, until it expires", async (_, callWith) => {
    const { hub, send } = await serve();
    // A token counts in whole seconds, the last of which has begun already.
    const stream = await send(callWith(await sign({ seconds: 2 }))).reply;
    await vi.waitFor(() => expect(stream.seen()).toContain("sse.hello"));
    expect(hub.connectionsOf("ann")).toMatchObject([{ user: "ann", channels: ["orders/ann"] }]);
    await stream.text;
    expect(stream.parse().events.at(-1)).toMatchObject({ event: "sse.bye", json: { reason: "expired" } });
    await vi.waitFor(() => expect(hub.stats()).toMatchObject({ connections: 0, users: 0 }));
  });

  // SPEC 76
  it("refuses others with 401", async () => {
    const { hub, onError, send } = await serve();
    const other = new TextEncoder().encode("another secret of thirty-two bytes");
    const unsigned = new UnsecuredJWT({ sub: "ann", aud: "events", iss: RULES.issuer, exp: 9_999_999_999 }).encode();
    const good = await sign();
    const tokens = [
      await sign({ seconds: -60 }),
      await sign({ audience: "other" }),
      await sign({ secret: other }),
      await sign({ user: null }),
      unsigned,
      `${good}x`,
      "x.y.z",
      "\r\ndata: x",
    ];
    for (const token of tokens) {
      const { status, headers } = await send({ query: `?token=${encodeURIComponent(token)}` }).reply;
      expect([status, headers["www-authenticate"]]).toEqual([401, 'Bearer error="invalid_token"']);
    }
    const { headers } = await send().reply;
    expect(headers["www-authenticate"]).toBe("Bearer");
    expect(onError).not.toHaveBeenCalled();
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 58, 76
  it("does not blame the client for a key server that is away", async () => {
    const answers = [() => new Response("", { status: 503 }), () => new Response("<html>"), () => Response.json({})];
    const keys = answers.map((answer) =>
      createRemoteJWKSet(new URL("https://id.example.com/jwks"), { [customFetch]: async () => answer() }),
    );
    for (const key of [...keys, () => Promise.reject(new errors.JWKSTimeout())]) {
      const { onError, send } = await serve({ key });
      expect((await send({ query: `?token=${await sign()}` }).reply).status).toBe(500);
      expect(onError).toHaveBeenCalledWith(expect.any(errors.JOSEError));
    }
  });
});
