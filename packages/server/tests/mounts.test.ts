import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createApp as createExpressApp } from "../examples/express.ts";
import { createApp as createFastifyApp } from "../examples/fastify.ts";
import { createApp as createHonoApp } from "../examples/hono.ts";
import { createRoute } from "../examples/next-route.ts";
import { createEventServer } from "../examples/node-http.ts";
import { createEventServer as createHttp2EventServer } from "../examples/node-http2.ts";
import { type AuthorizeContext, createHub, defineChannels, type Hub, type HubOptions, type } from "../src/index.ts";
import { callHttp1, type Reply } from "./support/exchange.ts";
import { cleanUp } from "./support/live-server.ts";
import { MOUNTS, mount } from "./support/mounts.ts";
import { createTestHub, settle } from "./support/test-hub.ts";

afterEach(cleanUp);

const JSON_ONLY = { accept: "application/json" };

describe.each(MOUNTS)("the example for %s", (name) => {
  async function serve(options: HubOptions = {}) {
    const hub: Hub = createHub({ epoch: "epoch0", heartbeatMs: null, ...options });
    return { hub, ...(await mount(name, hub)) };
  }
  const soon = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 5_000 });
  const seen = (reply: Reply, text: string) => soon(() => expect(reply.seen()).toContain(text));
  const events = (reply: Reply) => reply.parse().events.map(({ event, data }) => [event, data]);
  const published = (reply: Reply) => events(reply).filter(([event]) => !event?.startsWith("sse."));
  const named = (reply: Reply, name: string) => reply.parse().events.find(({ event }) => event === name)?.json;
  const parsed = async (reply: Reply): Promise<Record<string, unknown>> => JSON.parse(await reply.text);

  // SPEC 120
  it("leaves other addresses to the framework", async () => {
    const { hub, url, send } = await serve();
    const elsewhere = name === "node:http2" ? send({ query: "-elsewhere" }) : send({ query: "/elsewhere" });
    expect((await elsewhere.reply).status).toBe(404);
    expect(url).toMatch(/\/events$/);
    expect(hub.stats().connections).toBe(0);
  });

  // SPEC 120
  it("refuses streams, polls and changes that are not let in with 403", async () => {
    const { hub, send } = await serve({ authorize: () => null });
    const stream = await send().reply;
    const poll = await send({ headers: JSON_ONLY }).reply;
    const change = await send({ method: "POST", headers: JSON_ONLY, body: '{"conn":"x"}' }).reply;
    expect([stream, poll, change].map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(stream.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect([await parsed(poll), await parsed(change)]).toMatchObject([{ error: "forbidden" }, { error: "forbidden" }]);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 120
  it("sends the answer that the application gives itself", async () => {
    const headers = { "www-authenticate": "Bearer" };
    const { send } = await serve({ authorize: async () => new Response("Who?", { status: 401, headers }) });
    const reply = await send().reply;
    expect([reply.status, reply.headers["www-authenticate"], await reply.text]).toEqual([401, "Bearer", "Who?"]);
  });

  // SPEC 120
  it("refuses methods that mean nothing", async () => {
    const { hub, send } = await serve();
    for (const method of ["PUT", "HEAD"])
      expect([method, (await send({ method }).reply).status]).toEqual([method, 405]);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 120
  it("answers with the head of a stream and its first bytes, before there is any event", async () => {
    const { send } = await serve();
    const reply = await send({ headers: { "accept-encoding": "gzip, deflate, br" } }).reply;
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-store, no-transform",
      "x-accel-buffering": "no",
    });
    for (const header of ["content-encoding", "content-length", "etag"])
      expect(reply.headers).not.toHaveProperty(header);
    // Over HTTP/1 Node says itself what it does with its connection.
    expect(reply.headers["connection"]).toBe(name === "node:http2" ? undefined : "keep-alive");
    await seen(reply, "sse.hello");
    expect(reply.seen()).toMatch(/^retry: [23]\d\d\d\n\nevent: sse\.hello\ndata: /);
  });

  // SPEC 120
  it("hands over each event before the next one is there", async () => {
    const { hub, send } = await serve();
    const reply = await send({ headers: { "accept-encoding": "gzip, deflate, br" } }).reply;
    await seen(reply, "sse.hello");
    for (let count = 1; count <= 5; count++) {
      await hub.publish("news", count);
      await seen(reply, `data: ${count}\n`);
    }
  });

  // SPEC 120
  it("resumes exactly, from the header and from the query", async () => {
    const { hub, send } = await serve();
    const first = send({ query: "?channels=a,b" });
    const reply = await first.reply;
    await seen(reply, "sse.hello");
    await hub.publish("a", 1);
    await seen(reply, "data: 1\n");
    first.abort();
    const { lastEventId } = reply.parse();
    await hub.publish("a", 2);
    await hub.publish("other", "no");
    await hub.publish("b", 3);
    const calls = [{ headers: { "last-event-id": lastEventId } }, { query: `&lastEventId=${lastEventId}` }];
    for (const { headers = {}, query = "" } of calls) {
      const resumed = await send({ headers, query: `?channels=a,b${query}` }).reply;
      await seen(resumed, "\nid: epoch0.4\n\n");
      expect(published(resumed)).toEqual([
        ["a", "2"],
        ["b", "3"],
      ]);
      expect(named(resumed, "sse.hello")).toMatchObject({ resume: "resumed", replayed: 2 });
    }
  });

  // SPEC 120
  it("says what cannot be resumed", async () => {
    const { hub, send } = await serve({ history: { size: 1 } });
    for (const data of [1, 2, 3]) await hub.publish("a", data);
    const reply = await send({ query: "?channels=a", headers: { "last-event-id": "epoch0.1" } }).reply;
    await seen(reply, "sse.gap");
    await hub.publish("a", 4);
    await seen(reply, "data: 4\n");
    expect(named(reply, "sse.gap")).toMatchObject({ channels: ["a"], reason: "trimmed" });
    expect(published(reply)).toEqual([["a", "4"]]);
  });

  // SPEC 120
  it("lets heartbeats through", async () => {
    const { hub, environment } = createTestHub({ heartbeatMs: 1_000 });
    const { send } = await mount(name, hub);
    const reply = await send().reply;
    await seen(reply, "sse.hello");
    for (let beats = 1; beats <= 3; beats++) {
      environment.advance(1_000);
      await soon(() => expect(reply.parse().comments).toHaveLength(beats));
    }
  });

  // SPEC 120, 121
  it("changes the channels of a stream, whatever the framework makes of the body", async () => {
    const { hub, send } = await serve();
    const stream = await send({ query: "?channels=a" }).reply;
    await seen(stream, "sse.hello");
    const { conn } = named(stream, "sse.hello") as { conn: string };
    const types = ["application/json", "text/plain;charset=UTF-8", undefined];
    for (const [index, type] of types.entries()) {
      const channel = `added-${index}`;
      const headers = { ...JSON_ONLY, ...(type === undefined ? {} : { "content-type": type }) };
      const body = JSON.stringify({ conn, subscribe: [channel] });
      const reply = await send({ method: "POST", headers, body }).reply;
      expect([reply.status, (await parsed(reply))["rejected"]]).toEqual([200, []]);
      await hub.publish(channel, index);
      await seen(stream, `event: ${channel}\n`);
    }
    const stranger = await send({ method: "POST", headers: JSON_ONLY, body: '{"conn":"nobody"}' }).reply;
    expect([stranger.status, await parsed(stranger)]).toMatchObject([409, { error: "unknown-conn" }]);
    const nonsense = await send({ method: "POST", headers: JSON_ONLY, body: "{" }).reply;
    expect(nonsense.status).toBe(400);
    await nonsense.text;
    expect(hub.connectionCount).toBe(1);
  });

  // SPEC 120
  it("opens a stream by POST", async () => {
    const { hub, send } = await serve();
    const headers = { "content-type": "application/json" };
    const reply = await send({ method: "POST", headers, body: '{"question":"?"}' }).reply;
    await seen(reply, "sse.hello");
    await hub.publish("a", 1);
    await seen(reply, "data: 1\n");
  });

  // SPEC 120
  it("answers polls, at once and when there is something", async () => {
    const authorize = vi.fn(() => ({ channels: ["a"] }));
    const { hub, send } = await serve({ authorize });
    await hub.publish("a", 1);
    const first = await parsed(await send({ headers: { ...JSON_ONLY, "last-event-id": "epoch0.0" } }).reply);
    expect(first).toMatchObject({ events: [{ event: "a", data: "1" }], id: "epoch0.1", gaps: [] });
    const held = send({ headers: { ...JSON_ONLY, "last-event-id": "epoch0.1" } });
    await soon(() => expect(authorize).toHaveBeenCalledTimes(2));
    await hub.publish("a", 2);
    expect(await parsed(await held.reply)).toMatchObject({ events: [{ data: "2" }], id: "epoch0.2" });
  });

  // SPEC 120
  it("answers the preflights of pages of other origins", async () => {
    const { send } = await serve({ cors: { origins: ["https://app.example.com"] } });
    const origin = { origin: "https://app.example.com" };
    const preflight = await send({ method: "OPTIONS", headers: { ...origin, "access-control-request-method": "POST" } })
      .reply;
    expect([preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([204, origin.origin]);
    expect(preflight.headers["access-control-allow-headers"]).toContain("Last-Event-ID");
    const stream = await send({ headers: origin }).reply;
    expect([stream.status, stream.headers["access-control-allow-origin"]]).toEqual([200, origin.origin]);
  });

  // SPEC 122
  it("keeps nothing of clients that leave: streaming, polling, not yet let in, or behind", async () => {
    const authorize = vi.fn(({ query }: AuthorizeContext) =>
      query.has("wait") ? new Promise<null>(() => {}) : { channels: ["a"] },
    );
    const { hub, environment } = createTestHub({
      authorize,
      slow: { maxBufferedBytes: 65_536 },
      history: { size: 12, bytes: 2 ** 24 },
      maxEventBytes: 2 ** 20,
    });
    const { send } = await mount(name, hub);
    const complaints = (["error", "warn", "info"] as const).map((method) => vi.spyOn(console, method));
    onTestFinished(() => void vi.restoreAllMocks());
    const stream = send();
    const behind = send();
    await seen(await stream.reply, "sse.hello");
    const reply = await behind.reply;
    await seen(reply, "sse.hello");
    reply.pause();
    const held = send({ headers: { ...JSON_ONLY, "last-event-id": hub.head } });
    const waiting = send({ query: "?wait" });
    await soon(() => expect(authorize).toHaveBeenCalledTimes(4));
    // More than sockets swallow.
    for (let count = 0; count < 12; count++) {
      void hub.publish("a", "x".repeat(900_000));
      environment.endTick();
      await settle();
    }
    await soon(() => expect(hub.stats().bufferedBytes).toBeGreaterThan(65_536));
    for (const call of [stream, held, waiting, behind]) call.abort();
    await soon(() => {
      environment.endTick();
      expect([hub.connectionCount, environment.pending]).toEqual([0, 0]);
    });
    await settle();
    for (const complaint of complaints) expect(complaint).not.toHaveBeenCalled();
  });

  // SPEC 123
  it("ends streams and polls, and then the server", async () => {
    const authorize = vi.fn(() => ({ channels: ["other"] }));
    const { hub, send, sockets, stop } = await serve({ authorize });
    const streams = await Promise.all([send().reply, send().reply]);
    for (const stream of streams) await seen(stream, "sse.hello");
    const held = send({ headers: { ...JSON_ONLY, "last-event-id": hub.head } });
    await soon(() => expect(authorize).toHaveBeenCalledTimes(3));
    await hub.publish("other", 1);
    await stop();
    for (const stream of streams) {
      await stream.text;
      expect(events(stream).map(([event]) => event)).toEqual(["sse.hello", "other", "sse.bye"]);
    }
    expect((await held.reply).status).toBe(200);
    await soon(() => expect([hub.connectionCount, sockets.size]).toEqual([0, 0]));
  });

  // SPEC 123
  it("drops what does not end in time, without harm to the process", async () => {
    // Adapters of Fetch log a body that breaks off.
    vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => void vi.restoreAllMocks());
    const { hub, send } = await serve();
    const reply = await send().reply;
    await seen(reply, "sse.hello");
    expect(await hub.close({ spreadMs: 60_000, timeoutMs: 0 })).toEqual({ ended: 0, destroyed: 1 });
    // Over HTTP/2 Node lets the stream end.
    await reply.text.catch(() => {});
    expect(events(reply)).toHaveLength(1);
  });

  // SPEC 123
  it("tells those who come while it ends when to come back, with 200", async () => {
    const { hub, send } = await serve();
    const reply = await send().reply;
    await seen(reply, "sse.hello");
    void hub.close({ spreadMs: 60_000, timeoutMs: 60_000 });
    const late = await send().reply;
    expect(late.status).toBe(200);
    expect(await late.text).toMatch(/^retry: \d{4,5}\n\nevent: sse\.bye\ndata: /);
  });
});

// SPEC 120
it("mounts hubs of any channels", () => {
  const hub = createHub({ channels: defineChannels({ orders: type<{ id: string }>(), "chat/*": type<string>() }) });
  for (const create of [createEventServer, createHttp2EventServer, createExpressApp, createFastifyApp, createHonoApp])
    expect(create(hub)).toBeDefined();
  expect(Object.keys(createRoute(hub))).toEqual(["GET", "POST", "OPTIONS"]);
});

describe("Fastify while it closes", () => {
  // SPEC 123
  it("lets the hub tell newcomers when to come back", async () => {
    const hub: Hub = createHub();
    const app = createFastifyApp(hub, { spreadMs: 60_000, timeoutMs: 60_000 });
    const send = callHttp1(`${await app.listen({ port: 0, host: "127.0.0.1" })}/events`);
    const stream = send();
    await vi.waitFor(async () => expect((await stream.reply).seen()).toContain("sse.hello"));
    const closed = app.close();
    await vi.waitFor(async () => expect(await (await send().reply).text).toContain("sse.bye"));
    stream.abort();
    await closed;
    expect(hub.connectionCount).toBe(0);
  });
});
