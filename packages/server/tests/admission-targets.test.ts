import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type AuthorizeContext, createHub, type Decision, type HubOptions, type StreamOptions } from "../src/index.ts";
import { type Call, PROTOCOLS, serveOver } from "./support/exchange.ts";
import { cleanUp, onCleanUp } from "./support/live-server.ts";

afterEach(cleanUp);

const JSON_ONLY = { accept: "application/json" };

describe.each(PROTOCOLS)("admission over %s", (protocol) => {
  async function serve(options: HubOptions = {}, own?: StreamOptions) {
    const hub = createHub({ epoch: "epoch0", ...options });
    onCleanUp(() => hub.close({ spreadMs: 0 }));
    return { hub, send: await serveOver(protocol, hub, own) };
  }

  // SPEC 57
  it("asks about streams, polls and changes, and tells what the request says", async () => {
    const contexts: (Partial<AuthorizeContext> & { readonly session: string | undefined })[] = [];
    const authorize = (context: AuthorizeContext): Decision => {
      const { purpose, bearer, channels, ip, query } = context;
      const session = context.cookie("session");
      contexts.push({ purpose, bearer, channels, session, query, ...(protocol === "Fetch" ? {} : { ip }) });
      expect(context.headers).toBeInstanceOf(Headers);
      expect(context.headers.get("x-own")).toBe("1");
      return { user: "u" };
    };
    const { hub, send } = await serve({ authorize });
    const headers = { authorization: "bearer abc.def", cookie: 'a=1; session="x%20y"; session=2', "x-own": "1" };
    const stream = await send({ query: "?channels=a,b&channels=c&t=1", headers }).reply;
    await vi.waitFor(() => expect(stream.seen()).toContain("sse.hello"));
    const { conn } = stream.parse().events[0]!.json as { conn: string };
    const poll = await send({ headers: { ...headers, ...JSON_ONLY } }).reply;
    expect(poll.status).toBe(200);
    const body = JSON.stringify({ conn, subscribe: ["d"] });
    const changed = await send({ method: "POST", headers: { ...headers, ...JSON_ONLY }, body }).reply;
    expect(JSON.parse(await changed.text)).toEqual({ channels: ["a", "b", "c", "d"], rejected: [] });
    expect(contexts.map(({ purpose, channels }) => [purpose, channels])).toEqual([
      ["stream", ["a", "b", "c"]],
      ["poll", undefined],
      ["change", undefined],
    ]);
    for (const { bearer, session } of contexts) expect([bearer, session]).toEqual(["abc.def", "x y"]);
    expect(contexts[0]!.query?.get("t")).toBe("1");
    if (protocol !== "Fetch") expect(contexts[0]!.ip).toBe("127.0.0.1");
    expect(hub.connectionsOf("u")).toHaveLength(1);
  });

  // SPEC 57, 70, 75
  it("makes one thing of headers that come more than once", async () => {
    const contexts: unknown[] = [];
    const authorize = ({ bearer, cookie, ip }: AuthorizeContext) => {
      contexts.push([bearer, cookie("a"), cookie("b"), ip]);
      return null;
    };
    const { send } = await serve({ authorize, trustProxy: 1 });
    const headers = {
      // HTTP/2 clients refuse to send two.
      authorization: protocol === "HTTP/2" ? "Bearer x" : ["Bearer x", "Bearer y"],
      cookie: ["a=1", "b=2; a=3"],
      "x-forwarded-for": ["192.0.2.1", "192.0.2.2, 192.0.2.3"],
    };
    expect((await send({ headers }).reply).status).toBe(403);
    expect(contexts).toEqual([["x", "1", "2", "192.0.2.3"]]);
  });

  // SPEC 58
  it("refuses with 403 what is not granted, each in its own form", async () => {
    const { hub, send } = await serve({ authorize: async () => null });
    const stream = await send().reply;
    expect(stream.status).toBe(403);
    expect(stream.headers).toMatchObject({ "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
    expect(await stream.text).toContain("not authorised");
    for (const method of ["GET", "POST"]) {
      const { status, headers, text } = await send({ method, headers: JSON_ONLY }).reply;
      expect([status, headers["content-type"]]).toEqual([403, "application/json"]);
      expect(JSON.parse(await text)).toMatchObject({ error: "forbidden" });
    }
    expect(hub.stats().refused.forbidden).toBe(3);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 58
  it("sends a Response as it is", async () => {
    const headers = new Headers({ "www-authenticate": "Bearer", "x-own": "1" });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    const big = "é".repeat(500_000);
    const { hub, send } = await serve({ authorize: () => new Response(big, { status: 401, headers }) });
    for (const call of [{}, { headers: JSON_ONLY }, { method: "POST", headers: JSON_ONLY, body: "{}" }]) {
      const reply = await send(call).reply;
      expect(reply.status).toBe(401);
      expect(reply.headers).toMatchObject({ "www-authenticate": "Bearer", "x-own": "1" });
      expect(reply.headers["content-type"]).toBe("text/plain;charset=UTF-8");
      // The bridge of the tests joins them.
      if (protocol !== "Fetch") expect(reply.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
      expect(await reply.text).toBe(big);
    }
    expect(hub.stats().refused.response).toBe(3);
  });

  // SPEC 58
  it("sends a Response without a body", async () => {
    const { send } = await serve({
      authorize: () => new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } }),
    });
    const reply = await send().reply;
    expect([reply.status, reply.headers["www-authenticate"], await reply.text]).toEqual([401, "Bearer", ""]);
  });

  // SPEC 58, 74
  it("answers 500 without details where authorize fails, and reports it", async () => {
    const onError = vi.fn();
    const { hub, send } = await serve({ authorize: () => Promise.reject(new Error("secret")), onError });
    for (const headers of [{}, JSON_ONLY]) {
      const { status, text } = await send({ headers }).reply;
      expect(status).toBe(500);
      expect(await text).not.toContain("secret");
    }
    expect(onError.mock.calls).toEqual([[new Error("secret")], [new Error("secret")]]);
    expect(hub.stats().refused.failed).toBe(2);
  });

  // SPEC 59
  it("forgets a client that leaves while authorize is busy", async () => {
    const signals: AbortSignal[] = [];
    const authorize = vi.fn(({ signal }: AuthorizeContext) => {
      signals.push(signal);
      return new Promise<Decision>(() => {});
    });
    const { hub, send } = await serve({ authorize });
    const calls = [send(), send({ headers: JSON_ONLY }), send({ method: "POST", headers: JSON_ONLY, body: "{}" })];
    await vi.waitFor(() => expect(signals).toHaveLength(3));
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
    for (const call of calls) call.abort();
    await vi.waitFor(() => expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]));
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 60
  it("turns away who waits for authorize when the hub closes", async () => {
    const authorize = vi.fn(() => new Promise<Decision>(() => {}));
    const { hub, send } = await serve({ authorize });
    const [stream, poll] = [send(), send({ headers: JSON_ONLY })];
    await vi.waitFor(() => expect(authorize).toHaveBeenCalledTimes(2));
    await hub.close({ spreadMs: 0 });
    const reply = await stream.reply;
    expect(reply.status).toBe(200);
    await reply.text;
    expect(reply.parse().events).toMatchObject([{ event: "sse.bye", json: { reason: "shutdown" } }]);
    const refused = await poll.reply;
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "1"]);
    expect(JSON.parse(await refused.text)).toMatchObject({ error: "closing" });
    expect((await send({ headers: JSON_ONLY }).reply).status).toBe(503);
    expect(authorize).toHaveBeenCalledTimes(2);
  });

  // SPEC 61
  it("reads the body of a change after a slow authorize", async () => {
    const { hub, send } = await serve({
      authorize: async ({ purpose }) => {
        if (purpose === "change") await sleep(50);
        return { user: "u" };
      },
    });
    const stream = await send({ query: "?channels=a" }).reply;
    await vi.waitFor(() => expect(stream.seen()).toContain("sse.hello"));
    const { conn } = stream.parse().events[0]!.json as { conn: string };
    const body = JSON.stringify({ conn, subscribe: ["b"], padding: "x".repeat(60_000) });
    const { status, text } = await send({ method: "POST", headers: JSON_ONLY, body }).reply;
    expect([status, JSON.parse(await text)]).toEqual([200, { channels: ["a", "b"], rejected: [] }]);
    expect(hub.connectionsOf("u")).toMatchObject([{ id: conn, channels: ["a", "b"] }]);
  });

  // SPEC 43, 62
  it("lets nobody but its user change a stream", async () => {
    const { send } = await serve({ authorize: ({ bearer }) => (bearer ? { user: bearer } : {}) });
    const as = (user: string | undefined) => (user ? { authorization: `Bearer ${user}` } : {});
    const stream = await send({ query: "?channels=a", headers: as("ann") }).reply;
    await vi.waitFor(() => expect(stream.seen()).toContain("sse.hello"));
    const { conn } = stream.parse().events[0]!.json as { conn: string };
    const body = JSON.stringify({ conn, subscribe: ["b"] });
    for (const [user, status] of [
      ["bob", 409],
      [undefined, 409],
      ["ann", 200],
    ] as const) {
      const reply = await send({ method: "POST", headers: { ...JSON_ONLY, ...as(user) }, body }).reply;
      expect(reply.status).toBe(status);
      if (status === 409) expect(JSON.parse(await reply.text)).toEqual({ error: "unknown-conn" });
    }
  });

  // SPEC 63
  it("ends a stream when its permission does", async () => {
    const { hub, send } = await serve({ authorize: () => ({ user: "u", expiresAt: Date.now() + 300 }) });
    const startedAt = Date.now();
    const stream = await send().reply;
    await vi.waitFor(() => expect(stream.seen()).toContain("sse.hello"));
    void hub.publish("a", 1);
    await stream.text;
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    expect(stream.parse().events.map(({ event }) => event)).toEqual(["sse.hello", "a", "sse.bye"]);
    const { retry } = stream.parse();
    expect(stream.parse().events[2]!.json).toEqual({ reason: "expired", retryMs: retry });
    await vi.waitFor(() => expect(hub.connectionCount).toBe(0));
  });

  // SPEC 64
  it("answers 401 to a permission that is over", async () => {
    const { hub, send } = await serve({}, { expiresAt: Date.now() - 1 });
    const { status, headers, text } = await send().reply;
    expect([status, headers["www-authenticate"]]).toEqual([401, 'Bearer error="invalid_token"']);
    expect(await text).toContain("expired");
    const poll = await send({ headers: JSON_ONLY }).reply;
    expect([poll.status, JSON.parse(await poll.text)]).toMatchObject([401, { error: "expired" }]);
    expect(hub.stats().refused.expired).toBe(2);
  });

  // SPEC 67, 68
  it.each(["retry", "status"] as const)("with too many connections: %s", async (overLimit) => {
    const { hub, send } = await serve({ limits: { perUser: 1 }, overLimit, authorize: async () => ({ user: "u" }) });
    const first = send();
    await first.reply;
    const second = await send().reply;
    const text = await second.text;
    if (overLimit === "retry") {
      expect(second.status).toBe(200);
      const { events, retry } = second.parse();
      expect(events).toMatchObject([{ event: "sse.bye", json: { reason: "limit", retryMs: retry } }]);
      expect(retry).toBeGreaterThanOrEqual(5_000);
      expect(retry).toBeLessThanOrEqual(15_000);
    } else {
      expect([second.status, second.headers["content-type"]]).toEqual([429, "text/plain; charset=utf-8"]);
      expect(text).toContain("Too many connections");
      expect(Number(second.headers["retry-after"])).toBeGreaterThanOrEqual(5);
    }
    expect(hub.stats()).toMatchObject({ connections: 1, users: 1, refused: { perUser: 1 } });
    first.abort();
    await vi.waitFor(() => expect(hub.connectionCount).toBe(0));
    const third = await send().reply;
    await vi.waitFor(() => expect(third.seen()).toContain("sse.hello"));
  });

  // SPEC 131
  it.each(["retry", "status"] as const)("does not ask about more than may wait: %s", async (overLimit) => {
    const authorize = vi.fn((_: AuthorizeContext) => new Promise<Decision>(() => {}));
    const { hub, send } = await serve({ limits: { total: 1 }, overLimit, authorize });
    const first = send();
    await vi.waitFor(() => expect(authorize).toHaveBeenCalledTimes(1));
    const second = await send().reply;
    const text = await second.text;
    if (overLimit === "retry") {
      expect([second.status, second.headers["content-type"]]).toEqual([200, "text/event-stream; charset=utf-8"]);
      expect(second.parse().events).toMatchObject([{ event: "sse.bye", json: { reason: "limit" } }]);
    } else {
      expect([second.status, text]).toEqual([429, expect.stringContaining("Too many connections")]);
    }
    const poll = await send({ headers: JSON_ONLY }).reply;
    expect([poll.status, JSON.parse(await poll.text)]).toMatchObject([429, { error: "too-many" }]);
    expect(Number(poll.headers["retry-after"])).toBeGreaterThanOrEqual(5);
    expect([authorize.mock.calls.length, hub.stats().refused.total]).toEqual([1, 2]);
    first.abort();
    await vi.waitFor(() => expect(authorize.mock.calls[0]![0].signal.aborted).toBe(true));
    send();
    await vi.waitFor(() => expect(authorize).toHaveBeenCalledTimes(2));
  });

  // SPEC 71
  it("tells an allowed origin so, whatever the answer, and no other", async () => {
    const decisions: Record<string, () => Decision> = {
      stream: () => ({}),
      none: () => null,
      error: () => {
        throw new Error("x");
      },
      response: () => Response.redirect("https://example.com/login"),
    };
    const { send } = await serve({
      cors: { origins: ["https://a.example"], credentials: true },
      authorize: ({ query }) => decisions[query.get("do") ?? "stream"]!(),
      onError() {},
    });
    const expected = {
      "access-control-allow-origin": "https://a.example",
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "Retry-After",
    };
    const calls: Call[] = [
      {},
      ...["none", "error", "response"].map((what) => ({ query: `?do=${what}` })),
      ...["none", "stream"].map((what) => ({ query: `?do=${what}`, headers: JSON_ONLY })),
      { method: "POST", headers: JSON_ONLY, body: "{}" },
      { method: "DELETE" },
    ];
    for (const call of calls) {
      const allowed = await send({ ...call, headers: { ...call.headers, origin: "https://a.example" } }).reply;
      expect(allowed.headers).toMatchObject({ ...expected, vary: "Origin" });
      const other = await send({ ...call, headers: { ...call.headers, origin: "https://b.example" } }).reply;
      expect(other.status).toBe(allowed.status);
      expect(Object.keys(other.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  // SPEC 72
  it("answers preflights", async () => {
    const { send } = await serve({
      cors: { origins: ["https://a.example"], headers: ["X-Own"] },
      authorize: () => null,
    });
    const headers = {
      origin: "https://a.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "last-event-id,x-own,x-evil",
    };
    const reply = await send({ method: "OPTIONS", headers }).reply;
    expect([reply.status, await reply.text]).toEqual([204, ""]);
    expect(reply.headers).toMatchObject({
      "access-control-allow-origin": "https://a.example",
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": "Last-Event-ID, Content-Type, Authorization, X-Own",
      "access-control-max-age": "600",
      vary: "Origin",
    });
    const other = await send({ method: "OPTIONS", headers: { ...headers, origin: "https://b.example" } }).reply;
    expect(other.status).toBe(204);
    expect(Object.keys(other.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    const { send: plain } = await serve();
    expect((await plain({ method: "OPTIONS", headers }).reply).status).toBe(405);
  });
});
