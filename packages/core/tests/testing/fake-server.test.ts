import { describe, expect, test, vi } from "vitest";
import { type ClientOptions, createSSEClient, defineChannels, type } from "../../src/index.ts";
import {
  createFakeEnvironment,
  createFakeServer,
  createManualClock,
  type FakeServer,
  type FakeServerOptions,
} from "../../src/testing/index.ts";

const url = "http://host.test/events";
const nothing = { timers: 0, listeners: 0, flushes: 0, streams: 0 };

/** A client of a fake server that hears channels "a" and "b". */
function createStory(server = createFakeServer(), options: Partial<ClientOptions> = {}) {
  const client = createSSEClient({ url, environment: server.environment, ...options });
  const received: unknown[] = [];
  for (const name of ["a", "b"]) client.channel(name).on(({ data }) => received.push(data));
  return { server, client, received, published: () => server.log.map(({ data }) => data) };
}

/** Reads what a server answers, by hand. */
function createReader(server: FakeServer) {
  const get = async (query = "", headers: Record<string, string> = {}, init: RequestInit = {}) => {
    const controller = new AbortController();
    const { signal } = controller;
    const response = await server.environment.fetch(url + query, { headers, signal, ...init });
    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    let text = "";
    const pump = async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += decoder.decode(part.value);
    };
    const over = pump().catch((error: unknown) => error);
    await server.settle();
    return {
      response,
      over,
      leave: () => controller.abort(),
      /** What came since the last call, in blocks. */
      read() {
        const blocks = text.split("\n\n");
        text = blocks.pop() ?? "";
        return blocks;
      },
    };
  };
  const json = async (
    query: string,
    init: { method?: string; body?: object; headers?: Record<string, string> } = {},
  ) => {
    const { method = "GET", body, headers } = init;
    const response = await server.environment.fetch(url + query, {
      method,
      headers: { accept: "application/json", ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: response.status === 401 ? null : await response.json() };
  };
  return { get, json };
}

const control = (event: string, data: object) => `event: ${event}\ndata: ${JSON.stringify(data)}`;

describe("a fake server refuses", () => {
  test("controls for streams when there is none, and says what to do", () => {
    const server = createFakeServer();
    for (const act of [server.drop, server.stall, server.bye, () => server.gap(["a"], "slow")])
      expect(() => act()).toThrow("Let the client connect");
  });

  test("channels that are not defined, or cannot be", () => {
    const channels = defineChannels({ a: type<number>() });
    // @ts-expect-error no such channel
    expect(() => createFakeServer({ channels }).publish("c", 1)).toThrow("Publish to one of a");
    // @ts-expect-error not a number
    void createFakeServer({ channels }).publish("a", "text");
    for (const name of ["", "sse.x", "@user/1", "a,b", "a*", "a\n"])
      expect(() => createFakeServer().publish(name, 1)).toThrow("cannot be a channel's name");
  });

  test("whom its hook refuses, with the hook's status", async () => {
    const authorize = vi.fn().mockResolvedValueOnce(401).mockReturnValueOnce(503).mockReturnValue(200);
    const { server, client } = createStory(createFakeServer({ authorize }), { onUnauthorized: () => {} });
    await server.settle();
    expect(client.status.get().cause).toMatchObject({ status: 503 });
    await server.advance(10_000);
    expect(client.status.get().status).toBe("open");
    expect(authorize.mock.calls.map(([request]) => request.url)).toEqual([url, url, url]);
  });

  test("other methods", async () => {
    const { environment } = createFakeServer();
    expect(await environment.fetch(url, { method: "PUT" })).toMatchObject({ status: 405 });
    expect(await environment.fetch(url, { method: "POST" })).toMatchObject({ status: 405 });
  });

  test("a request given up while its hook was thinking leaves nothing", async () => {
    let decide = (_: number) => {};
    const server = createFakeServer({ authorize: () => new Promise<number>((resolve) => (decide = resolve)) });
    const { client } = createStory(server);
    await server.settle();
    client.close();
    decide(200);
    await server.settle();
    expect(server.leaks()).toEqual(nothing);
    expect(() => server.drop()).toThrow("no open stream");
  });
});

// SPEC 110
describe("a stream of a fake server", () => {
  test("begins as the contract says", async () => {
    const server = createFakeServer({ epoch: "k3f9q2", retryMs: 3_000 });
    await server.publish("a", 1);
    const { response, read } = await createReader(server).get("?channels=b,a&channels=chat/*");
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const hello = { conn: "c1", epoch: "k3f9q2", pos: "1", heartbeatMs: 15_000, channels: ["a", "b", "chat/*"] };
    expect(read()).toEqual([
      "retry: 3000",
      control("sse.hello", { ...hello, resume: "fresh", replayed: 0 }),
      "id: k3f9q2.1",
    ]);
    await server.publish("chat/7", { text: "x" });
    await server.publish("other", 0);
    expect(read()).toEqual(['id: k3f9q2.2\nevent: chat/7\ndata: {"text":"x"}']);
  });

  test("carries events under the names their channels are defined with", async () => {
    const channels = defineChannels({ quotes: { event: "quote", ...type<number>() } });
    const server = createFakeServer({ channels });
    const client = createSSEClient({ url, channels, environment: server.environment });
    const received: number[] = [];
    client.channel("quotes").on(({ data }) => received.push(data));
    await server.settle();
    await server.publish("quotes", 1);
    expect(received).toEqual([1]);
    expect(server.log).toEqual([{ id: "fake01.1", channel: "quotes", event: "quote", data: 1 }]);
  });

  test("sends a heartbeat with the head whenever it was silent, and none when told so", async () => {
    const server = createFakeServer({ heartbeatMs: 10_000 });
    const { read, leave } = await createReader(server).get("?channels=a");
    await server.advance(5_000);
    await server.publish("a", 1);
    await server.publish("other", 2);
    read();
    await server.advance(8_999);
    expect(read()).toEqual([]);
    await server.advance(1);
    expect(read()).toEqual([": \nid: fake01.2"]);
    expect(server.leaks().timers).toBe(1);
    leave();
    expect(server.leaks()).toEqual(nothing);

    const quiet = createFakeServer({ heartbeatMs: null });
    await createReader(quiet).get();
    expect(quiet.leaks()).toEqual({ ...nothing, streams: 1 });
  });

  test.each([
    ["*", ["a/b", "**"], ["*"]],
    ["chat/*,orders", ["chat/1", "orders/**"], ["chat/1"]],
    ["**", ["chat/*", "a"], ["a", "chat/*"]],
    ["chat/**,chat/*", ["*/1"], ["chat/1"]],
    ["chat/**", ["**"], ["chat/**"]],
    ["a/*/c", ["*/b/*"], ["a/b/c"]],
    ["", ["a"], []],
  ])("of %j for someone who may have %j carries %j", async (wanted, allowed, carried) => {
    const server = createFakeServer({ authorize: () => allowed });
    const { read } = await createReader(server).get(`?channels=${wanted}`);
    expect(read()[1]).toContain(`"channels":${JSON.stringify(carried)}`);
  });

  test("is opened by POST as well", async () => {
    const { get } = createReader(createFakeServer());
    const { read } = await get("", { accept: "text/event-stream" }, { method: "POST", body: "{}" });
    expect(read()).toHaveLength(3);
  });

  test("begins with the newest events where it is told to, and the client takes them as a snapshot", async () => {
    const server = createFakeServer({ initial: 2 });
    for (const data of [1, 2, 3]) await server.publish("a", data);
    await server.publish("b", 4);
    const { received } = createStory(server);
    await server.settle();
    expect(received).toEqual([2, 3, 4]);
  });
});

// SPEC 110
describe("a client of a fake server", () => {
  test("misses nothing and gets nothing twice while its link is lost", async () => {
    const { server, client, received, published } = createStory();
    await server.settle();
    await server.publish("a", 1);
    await server.drop();
    await server.publish("b", 2);
    await server.publish("a", 3);
    await server.publish("unheard", 0);
    await server.advance(5_000);
    await server.publish("a", 4);
    expect(received).toEqual([1, 2, 3, 4]);
    expect(published()).toEqual([1, 2, 3, 0, 4]);
    expect(client.status.get()).toMatchObject({ status: "open", resume: { type: "replayed", count: 3 } });
    expect(server.requests.map(({ lastEventId }) => lastEventId)).toEqual(["", "fake01.1"]);
  });

  test("is told that nothing was missed", async () => {
    const { server, client } = createStory();
    await server.settle();
    await server.drop();
    await server.advance(5_000);
    expect(client.status.get().resume).toEqual({ type: "resumed" });
  });

  test("is told of a gap on the busy channel only, and gets the quiet one's events", async () => {
    const { server, client, received } = createStory(createFakeServer({ history: 3 }));
    await server.settle();
    await server.publish("a", "seen");
    await server.drop();
    await server.publish("b", "quiet");
    for (let index = 0; index < 4; index++) await server.publish("a", index);
    await server.advance(5_000);
    expect(received).toEqual(["seen", "quiet"]);
    const gap = { channels: ["a"], reason: "trimmed", from: "fake01.1", to: "fake01.6" };
    expect(client.channel("a").gap.get()).toEqual(gap);
    expect(client.channel("b").gap.get()).toBeNull();
    await server.publish("a", "live");
    expect(received.at(-1)).toBe("live");
  });

  test("is told of no gap while the history just reaches back", async () => {
    const { server, client, received } = createStory(createFakeServer({ history: 3 }));
    await server.settle();
    await server.drop();
    for (const data of [1, 2, 3]) await server.publish("a", data);
    await server.advance(5_000);
    expect(received).toEqual([1, 2, 3]);
    expect(client.channel("a").gap.get()).toBeNull();
  });

  test("is told of a restart", async () => {
    const { server, client, received } = createStory();
    await server.settle();
    await server.publish("a", 1);
    await server.restart();
    expect(server.epoch).toBe("fake02");
    await server.publish("a", 2);
    await server.advance(5_000);
    expect(client.channel("b").gap.get()).toMatchObject({
      channels: ["**"],
      reason: "epoch",
      from: "fake01.1",
      to: "fake02.1",
    });
    await server.publish("a", 3);
    expect(received).toEqual([1, 3]);
    expect(server.log.map(({ id }) => id)).toEqual(["fake01.1", "fake02.1", "fake02.2"]);
  });

  test("is told of a gap in the middle of a stream", async () => {
    const { server, client } = createStory();
    await server.settle();
    await server.gap(["a"], "slow");
    expect(client.channel("a").gap.get()).toMatchObject({ reason: "slow" });
  });

  test("comes back when it was asked to after a goodbye", async () => {
    const { server, client } = createStory();
    server.setRandom(0);
    await server.settle();
    await server.bye("shutdown", 7_000);
    expect(client.status.get()).toMatchObject({ status: "reconnecting", cause: { code: "bye", reason: "shutdown" } });
    await server.advance(6_999);
    expect(server.requests).toHaveLength(1);
    await server.advance(1);
    expect(client.status.get().status).toBe("open");
  });

  test("hears nothing on a stalled stream", async () => {
    const { server, received } = createStory(createFakeServer({ heartbeatMs: null }));
    await server.settle();
    server.stall();
    await server.publish("a", 1);
    expect(received).toEqual([]);
    await server.drop();
    await server.advance(5_000);
    expect(received).toEqual([1]);
  });

  test("gets everything exactly once wherever the link is cut, whatever the chunks", async () => {
    for (const size of [null, 1, 5] as const)
      for (let bytes = 0; bytes < 480; bytes += size === null ? 3 : 17) {
        const { server, client, received, published } = createStory();
        server.splitChunks(size);
        await server.settle();
        await server.publish("a", "ä€1");
        await server.drop();
        await server.publish("b", "😀2");
        await server.publish("a", "3");
        await server.cutAfter(bytes);
        await server.advance(5_000);
        await server.publish("a", "4");
        await server.advance(10_000);
        expect(received, `cut after ${bytes} bytes in chunks of ${size}`).toEqual(published());
        client.close();
      }
  });

  test("loses the open link after so many bytes more", async () => {
    const { server, client, received } = createStory();
    await server.settle();
    await server.cutAfter(10);
    await server.publish("a", 1);
    expect(received).toEqual([]);
    expect(client.status.get().status).toBe("reconnecting");
    await server.advance(5_000);
    expect(received).toEqual([1]);
    await server.cutAfter(0);
    expect(client.status.get().status).toBe("reconnecting");
  });

  test("leaves nothing behind when it is closed", async () => {
    const { server, client } = createStory();
    await server.settle();
    await server.publish("a", 1);
    await server.advance(100_000);
    expect(client.status.get().status).toBe("open");
    client.close();
    await server.settle();
    expect(server.leaks()).toEqual(nothing);
  });

  test("shares the server with others, and the clock with the test's own code", async () => {
    const clock = createManualClock({ start: 5_000 });
    const server = createFakeServer({ clock });
    const [one, two] = [createStory(server), createStory(server)];
    const tick = vi.fn();
    clock.setTimer(tick, 100);
    await server.advance(100);
    await server.publish("a", 1);
    expect([one.received, two.received]).toEqual([[1], [1]]);
    expect(tick).toHaveBeenCalledOnce();
    expect(one.client.status.get().openedAt).toBe(5_000);
  });
});

describe("a position that a fake server cannot place", () => {
  test.each([
    ["nonsense", "bad-id", null],
    ["fake01.", "bad-id", null],
    ["fake01.00", "bad-id", null],
    ["fake01.a_b", "bad-id", null],
    [`fake01.${"1".repeat(256)}`, "bad-id", null],
    ["other1.p0_p1", "epoch", "other1.p0_p1"],
    ["fake01.2", "ahead", "fake01.2"],
    ["fake01.1-1", "ahead", "fake01.1-1"],
  ])("%.20s is a gap: %s", async (presented, reason, from) => {
    const server = createFakeServer();
    await server.publish("a", 1);
    const { read } = await createReader(server).get("?channels=a", { "last-event-id": presented });
    expect(read()[2]).toBe(control("sse.gap", { channels: ["a"], reason, from, to: "fake01.1" }));
  });

  test.each(["fake01.0-1", "fake01.0", "fake01.0-0"])("%s is continued", async (presented) => {
    const server = createFakeServer();
    await server.publish("a", 1);
    const { read } = await createReader(server).get(`?lastEventId=${presented}`);
    expect(read()[2]).toBe("id: fake01.1\nevent: a\ndata: 1");
  });
});

describe("changing the channels of an open stream", () => {
  const createOpen = async (options?: FakeServerOptions) => {
    const server = createFakeServer(options);
    const reader = createReader(server);
    await server.publish("b", 1);
    await server.publish("b", 2);
    const stream = await reader.get("?channels=a");
    stream.read();
    const post = (body: object) => reader.json("", { method: "POST", body });
    return { server, ...stream, post };
  };

  test("of a connection that is not known, or not any more, is refused", async () => {
    const { post, leave } = await createOpen();
    expect(await post({ conn: "c9" })).toEqual({ status: 409, body: { error: "unknown-conn" } });
    leave();
    expect(await post({ conn: "c1" })).toMatchObject({ status: 409 });
  });

  test("to those that are not allowed is rejected, one by one", async () => {
    const { post, read } = await createOpen({ authorize: () => ["a", "b"] });
    const { body } = await post({ conn: "c1", subscribe: ["b", "secret", "x/*"] });
    expect(body).toEqual({ channels: ["a", "b"], rejected: ["secret", "x/*"] });
    expect(read()).toEqual([control("sse.subscribed", { channel: "b", pos: "2" })]);
  });

  test("begins at the head, or replays without ids from where it is told, then marks the place", async () => {
    const { server, post, read } = await createOpen();
    expect((await post({ conn: "c1", subscribe: ["b"], since: { b: "fake01.1" } })).body).toEqual({
      channels: ["a", "b"],
      rejected: [],
    });
    expect(read()).toEqual(["event: b\ndata: 2", control("sse.subscribed", { channel: "b", pos: "2" })]);
    await server.publish("b", 3);
    expect(read()).toEqual(["id: fake01.3\nevent: b\ndata: 3"]);
  });

  test("takes several at once and lists them in order, each once", async () => {
    const { post } = await createOpen();
    const { body } = await post({ conn: "c1", subscribe: ["d/*", "c", "b", "c"] });
    expect(body).toEqual({ channels: ["a", "b", "c", "d/*"], rejected: [] });
  });

  test("begins at the head even where a first connection begins earlier", async () => {
    const { post, read } = await createOpen({ initial: 1 });
    await post({ conn: "c1", subscribe: ["b"] });
    expect(read()).toEqual([control("sse.subscribed", { channel: "b", pos: "2" })]);
  });

  test("marks a channel that is carried already, without repeating it", async () => {
    const { post, read } = await createOpen();
    await post({ conn: "c1", subscribe: ["b"] });
    read();
    await post({ conn: "c1", subscribe: ["b"], since: { b: "other1.0" } });
    expect(read()).toEqual([control("sse.subscribed", { channel: "b", pos: "2" })]);
    await post({ conn: "c1", subscribe: ["*"], since: { "*": "fake01.0" } });
    expect(read()).toEqual([control("sse.subscribed", { channel: "*", pos: "2" })]);
  });

  test("reports what cannot be replayed", async () => {
    const { post, read } = await createOpen({ history: 1 });
    await post({ conn: "c1", subscribe: ["b"], since: { b: "fake01.0" } });
    expect(read()).toEqual([
      control("sse.gap", { channels: ["b"], reason: "trimmed", from: "fake01.0", to: "fake01.2" }),
      control("sse.subscribed", { channel: "b", pos: "2" }),
    ]);
  });

  test("ends those that are not wanted any more", async () => {
    const { server, post, read } = await createOpen();
    expect((await post({ conn: "c1", unsubscribe: ["a"] })).body).toEqual({ channels: [], rejected: [] });
    await server.publish("a", 1);
    expect(read()).toEqual([]);
  });
});

describe("polling", () => {
  test("is answered with what followed the position, as text, and where to go on", async () => {
    const server = createFakeServer({ retryMs: 1_500 });
    const { json } = createReader(server);
    expect((await json("")).body).toEqual({ events: [], id: "fake01.0", gaps: [], retryMs: 1_500 });
    await server.publish("a", { x: 1 });
    await server.publish("b", 2);
    expect((await json("?channels=a&lastEventId=fake01.0")).body).toEqual({
      events: [{ id: "fake01.1", event: "a", data: '{"x":1}' }],
      id: "fake01.2",
      gaps: [],
      retryMs: 1_500,
    });
    expect(server.leaks()).toEqual(nothing);
  });

  test("reports gaps", async () => {
    const server = createFakeServer({ history: 1 });
    for (const data of [1, 2]) await server.publish("a", data);
    const { body } = await createReader(server).json("", { headers: { "last-event-id": "fake01.0" } });
    expect(body).toMatchObject({
      events: [],
      gaps: [{ channels: ["a"], reason: "trimmed", from: "fake01.0", to: "fake01.2" }],
    });
  });

  test("asks the hook too", async () => {
    const { json } = createReader(createFakeServer({ authorize: () => 401 }));
    expect(await json("")).toMatchObject({ status: 401 });
  });
});

test("a link that is cut leaves no heartbeat behind", async () => {
  const server = createFakeServer();
  const { over } = await createReader(server).get();
  await server.cutAfter(1);
  await server.publish("a", 1);
  expect(await over).toBeInstanceOf(TypeError);
  expect(server.leaks()).toEqual(nothing);
});

test("a server of one's own is a function of the exchange", async () => {
  const fake = createFakeEnvironment((exchange) => {
    if (exchange.request.url.endsWith("/time")) return exchange.reply(200, "text/plain", "now");
    if (exchange.request.url.endsWith("/nothing")) return exchange.respond(204);
    exchange.respond(200, { "content-type": "text/event-stream" });
    exchange.write("event: a\ndata: 1\n\n");
  });
  const client = createSSEClient({ url, environment: fake.environment });
  const received: unknown[] = [];
  client.channel("a").on(({ data }) => received.push(data));
  await fake.settle();
  expect(received).toEqual([1]);
  expect(await (await fake.environment.fetch("/time")).text()).toBe("now");
  expect((await fake.environment.fetch("/nothing")).body).toBeNull();
  client.close();
  await fake.settle();
  expect(fake.leaks()).toEqual(nothing);
});
