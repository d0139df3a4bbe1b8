import { describe, expect, test, vi } from "vitest";
import {
  type ClientOptions,
  createSSEClient,
  defineChannels,
  type SSEError,
  type SSEMessage,
  type,
} from "../src/index.ts";
import * as entry from "../src/native/index.ts";
import { polling } from "../src/polling/index.ts";
import { createFakeEnvironment, createFakeEventSource } from "../src/testing/index.ts";

const { createNativeSSEClient, native } = entry;
const channels = defineChannels({ a: type<unknown>(), b: { event: "bee" } });

function setUp(options: Partial<ClientOptions<{ a: unknown; b: unknown }>> = {}) {
  const fake = createFakeEventSource();
  const machine = createFakeEnvironment((exchange) => exchange.drop());
  machine.setRandom(0);
  const errors: SSEError[] = [];
  const client = createSSEClient({
    url: "/events?v=1",
    channels,
    transport: native({ EventSource: fake.EventSource }),
    environment: machine.environment,
    onError: (error) => errors.push(error),
    ...options,
  });
  const received: SSEMessage[] = [];
  client.on("message", (message) => received.push(message));
  return {
    ...machine,
    ...fake,
    client,
    errors,
    received,
    sources: () => fake.instances,
    urls: () => fake.requests.map(({ url }) => new URL(url).pathname + new URL(url).search),
    async connect() {
      client.channel("a").on(() => {});
      await machine.settle();
      fake.open();
      await machine.settle();
    },
    /** Also lets a frame be drawn. */
    async send(...events: Parameters<typeof fake.emit>[0][]) {
      for (const event of events) fake.emit(event);
      await machine.settle();
    },
  };
}

const hello = (details: object = {}) => ({
  event: "sse.hello",
  data: {
    conn: "c1",
    epoch: "abc123",
    pos: "5",
    heartbeatMs: 15_000,
    channels: ["**"],
    resume: "fresh",
    replayed: 0,
    ...details,
  },
});

// SPEC 96
describe("what EventSource cannot do", () => {
  test("a pattern among the channels is refused when the client is made", () => {
    const patterns = defineChannels({ a: type<unknown>(), "chat/*": type<unknown>() });
    expect(() => createNativeSSEClient({ url: "/events", channels: patterns })).toThrow(
      expect.objectContaining({
        code: "invalid-option",
        option: "channels",
        message: expect.stringContaining("chat/*"),
      }),
    );
  });

  test("a pattern that somebody subscribes to later closes the connection", async () => {
    const fake = createFakeEventSource();
    const machine = createFakeEnvironment(() => {});
    const client = createSSEClient({
      url: "/events",
      transport: native({ EventSource: fake.EventSource }),
      environment: machine.environment,
    });
    client.channel("chat/*").on(() => {});
    await machine.settle();
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "error", cause: { code: "invalid-option" } });
    expect(fake.instances).toHaveLength(0);
  });

  test.each([
    ["headers", { headers: () => ({ authorization: "x" }) }],
    ["body", { body: "x", method: "GET" }],
    ["method", { method: "POST", idempotent: true }],
  ] as const)("%s close the connection, and the error says what to use", async (option, options) => {
    const { client, sources, errors, advance } = setUp(options);
    client.channel("a").on(() => {});
    await advance(100_000);
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "error" });
    expect(errors).toEqual([expect.objectContaining({ code: "invalid-option", option })]);
    expect(errors[0]?.message).toMatch(/cookies.*query.*createSSEClient/);
    expect(sources()).toHaveLength(0);
  });

  test("where there is no EventSource the connection closes, at the first attempt and not before", async () => {
    const { client, errors, settle } = setUp({ transport: native() });
    client.channel("a").on(() => {});
    await settle();
    expect(client.status.get().status).toBe("closed");
    expect(errors).toEqual([expect.objectContaining({ code: "invalid-option", option: "transport" })]);
  });

  test("the global class is looked up when connecting", async () => {
    const { client, EventSource, sources, settle } = setUp({ transport: native() });
    vi.stubGlobal("EventSource", EventSource);
    client.channel("a").on(() => {});
    await settle();
    vi.unstubAllGlobals();
    expect(sources()).toHaveLength(1);
  });

  test("an address it does not take is a failed attempt", async () => {
    const { errors, settle, client, setRandom } = setUp({ url: () => "http://[" });
    setRandom(0.5);
    client.channel("a").on(() => {});
    await settle();
    expect(errors[0]).toMatchObject({ code: "request", cause: { name: "SyntaxError" } });
    expect(client.status.get().nextRetryAt).not.toBeNull();
  });
});

// SPEC 96
describe("a failure", () => {
  test("ends the source, so that only the client tries again", async () => {
    const { connect, drop, sources, client, errors, advance, setRandom } = setUp();
    await connect();
    setRandom(0.5);
    drop();
    expect(sources()[0]?.readyState).toBe(2);
    expect(client.status.get()).toMatchObject({ status: "reconnecting", attempt: 1, nextRetryAt: 1_000 });
    expect(errors).toEqual([expect.objectContaining({ code: "network" })]);
    await advance(1_000);
    expect(sources()).toHaveLength(2);
  });

  test("of unknown cause is retried too, as it may be a server that restarts", async () => {
    const { client, settle, fail, errors, advance, setRandom, sources } = setUp({ retry: { maxAttempts: 2 } });
    client.channel("a").on(() => {});
    await settle();
    setRandom(0.5);
    for (const ms of [1_000, 2_000]) {
      fail();
      expect(client.status.get().status).toBe("reconnecting");
      await advance(ms);
    }
    fail();
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "attempts" });
    expect(errors.map(({ code }) => code)).toEqual(["network", "network", "network"]);
    expect(errors[0]?.message).toContain("refused");
    expect(sources().every(({ readyState }) => readyState === 2)).toBe(true);
  });

  test("as nothing comes closes the source", async () => {
    const { client, advance, sources, errors } = setUp({ contract: true, firstByteTimeoutMs: 1_000 });
    client.channel("a").on(() => {});
    await advance(999);
    expect(sources()).toHaveLength(1);
    await advance(1);
    expect(sources()[0]?.readyState).toBe(2);
    expect(errors[0]).toMatchObject({ code: "timeout" });
  });

  test("counts once, whatever the source does afterwards", async () => {
    const { connect, drop, sources, errors, received, client } = setUp();
    await connect();
    const source = sources()[0]!;
    drop();
    source.dispatchEvent(new Event("error"));
    source.dispatchEvent(new Event("open"));
    source.dispatchEvent(new MessageEvent("a", { data: "1", lastEventId: "9" }));
    expect(errors).toHaveLength(1);
    expect(received).toEqual([]);
    expect(client.status.get()).toMatchObject({ status: "reconnecting", lastEventId: "" });
  });
});

describe("what is left after the end", () => {
  test.each(["close", "pause", "reconnect"] as const)(
    "%s lets the source go, and late events are ignored",
    async (end) => {
      const { client, connect, send, sources, received, advance, leaks } = setUp();
      await connect();
      await send({ event: "a", data: 1, id: "1" });
      const source = sources()[0]!;
      client[end]();
      expect(source.readyState).toBe(2);
      source.dispatchEvent(new MessageEvent("a", { data: "2", lastEventId: "2" }));
      source.dispatchEvent(new Event("error"));
      await advance(0);
      expect(received.map(({ data }) => data)).toEqual([1]);
      expect(client.status.get()).toMatchObject({ lastEventId: "1", attempt: 0 });
      client.close();
      await advance(0);
      expect(leaks()).toEqual({ timers: 0, listeners: 0, flushes: 0, streams: 0 });
    },
  );

  test("a handler that closes the client hears nothing more of the same moment", async () => {
    const { client, connect, emit, received } = setUp();
    await connect();
    client.channel("a").on(() => client.close());
    emit({ event: "a", data: 1 });
    expect(() => emit({ event: "a", data: 2 })).toThrow("closed");
    expect(received).toHaveLength(1);
  });
});

describe("the stream", () => {
  test("is asked for with cookies where the client was told to", async () => {
    const { connect, requests, client } = setUp({ withCredentials: true });
    await connect();
    expect(requests[0]).toMatchObject({ withCredentials: true });
    expect(client.status.get()).toMatchObject({ status: "open", transport: "native" });
  });

  test("brings events by the names of the channels, and unnamed ones", async () => {
    const { connect, send, received } = setUp();
    await connect();
    await send({ event: "a", data: 1 }, { event: "bee", data: 2 }, { event: "unknown", data: 3 });
    expect(received.map(({ channel, data }) => [channel, data])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    const plain = setUp({ channels: undefined });
    await plain.connect();
    await plain.send({ data: 4 }, { event: "a", data: 5 });
    expect(plain.received.map(({ channel, data }) => [channel, data])).toEqual([
      ["message", 4],
      ["a", 5],
    ]);
  });

  test("may have channels with the names of the source's own events", async () => {
    const fake = createFakeEventSource();
    const machine = createFakeEnvironment(() => {});
    const client = createSSEClient({
      url: "/events",
      channels: defineChannels({ open: type<number>(), error: type<number>() }),
      transport: native({ EventSource: fake.EventSource }),
      environment: machine.environment,
    });
    const received: unknown[] = [];
    client.on("message", ({ channel, data }) => received.push([channel, data]));
    client.retain();
    await machine.settle();
    fake.open();
    fake.emit({ event: "open", data: 1 });
    fake.emit({ event: "error", data: 2 });
    await machine.settle();
    expect(received).toEqual([
      ["open", 1],
      ["error", 2],
    ]);
    expect(client.status.get().status).toBe("open");
    expect(client.stats.get().connects).toBe(1);
  });

  test("continues by query, in place of an id that the URL has", async () => {
    const { connect, send, drop, settle, urls, advance } = setUp({ url: "/events?v=1&lastEventId=0" });
    await connect();
    await send({ event: "a", data: 1, id: "7" });
    drop();
    await advance(0);
    await settle();
    expect(urls()).toEqual(["/events?v=1&lastEventId=0", "/events?v=1&lastEventId=7"]);
  });

  test("knows an id from one that is only repeated, and an id that is taken back", async () => {
    const { connect, send, received, client } = setUp();
    await connect();
    await send({ event: "a", data: 1 }, { event: "a", data: 2, id: "7" }, { event: "a", data: 3 });
    expect(received.map(({ id, lastEventId }) => [id, lastEventId])).toEqual([
      [undefined, ""],
      ["7", "7"],
      [undefined, "7"],
    ]);
    await send({ event: "a", data: 4, id: "" });
    expect(client.status.get().lastEventId).toBe("");
  });

  test("without ids after a reconnect keeps the position", async () => {
    const { connect, send, drop, open, advance, client } = setUp();
    await connect();
    await send({ event: "a", data: 1, id: "7" });
    drop();
    await advance(0);
    open();
    await send({ event: "a", data: 2 });
    expect(client.status.get().lastEventId).toBe("7");
  });

  test("counts its data as bytes", async () => {
    const { connect, send, client } = setUp();
    await connect();
    await send({ event: "a", text: '"12345678"' });
    expect(client.stats.get()).toMatchObject({ bytes: 10, messages: 1, lastByteAt: 0 });
  });
});

// SPEC 96
describe("a server of the contract", () => {
  test("is followed: position, duplicates, gaps, goodbye", async () => {
    const { connect, send, drop, open, advance, client, received, errors, sources } = setUp();
    await connect();
    await send(hello());
    expect(client.status.get()).toMatchObject({ lastEventId: "abc123.5", resume: { type: "fresh" } });
    await send({ event: "a", data: 1, id: "abc123.6" });
    drop();
    await advance(0);
    open();
    const gap = { channels: ["a"], reason: "trimmed", from: "abc123.6", to: "abc123.8" };
    await send(
      hello({ resume: "gap", pos: "8" }),
      { event: "sse.gap", data: gap },
      { event: "a", data: 1, id: "abc123.6" },
      { event: "a", data: 2, id: "abc123.9" },
    );
    expect(received.map(({ data }) => data)).toEqual([1, 2]);
    expect(client.channel("a").gap.get()).toEqual(gap);
    expect(client.stats.get().duplicates).toBe(1);
    await send({ event: "sse.bye", data: { reason: "shutdown", retryMs: 3_000 } });
    expect(client.status.get()).toMatchObject({ cause: { code: "bye" }, nextRetryAt: 3_000 });
    expect(sources()[1]?.readyState).toBe(2);
    expect(errors).toHaveLength(1);
  });

  test("has its first messages delivered when all are there, though the id that ends them cannot be seen", async () => {
    const { connect, send, received, client } = setUp();
    await connect();
    await send(hello({ replayed: 2 }), { event: "a", data: 1, id: "abc123.2" });
    expect(received).toEqual([]);
    await send({ event: "bee", data: 2, id: "abc123.3" });
    expect(received.map(({ data, replayed }) => [data, replayed])).toEqual([
      [1, true],
      [2, true],
    ]);
    expect(client.status.get().lastEventId).toBe("abc123.5");
    await send({ event: "a", data: 3, id: "abc123.6" });
    expect(received.at(-1)).toMatchObject({ data: 3, replayed: false });
  });

  test("that sends invisible heartbeats is not taken for dead", async () => {
    const { connect, send, advance, client, sources } = setUp();
    await connect();
    await send(hello());
    await advance(3_600_000);
    expect(client.status.get()).toMatchObject({ status: "open", stale: false });
    expect(sources()).toHaveLength(1);
  });

  test("that sends visible ones is watched from the first on: they move the position, and silence is noticed", async () => {
    const { connect, send, advance, open, client, received, sources, urls } = setUp();
    await connect();
    await send(hello({ resume: "resumed" }));
    await advance(15_000);
    await send({ event: "sse.ping", id: "abc123.9", data: {} });
    expect(client.status.get()).toMatchObject({ lastEventId: "abc123.9", resume: { type: "resumed" } });
    await advance(23_000);
    expect(client.status.get().stale).toBe(true);
    await send({ event: "sse.ping", id: "abc123.a", data: {} });
    expect(client.status.get()).toMatchObject({ stale: false, status: "open" });
    await advance(37_500);
    expect(sources()).toHaveLength(2);
    expect(urls()[1]).toContain("lastEventId=abc123.a");
    open();
    await send(hello({ resume: "resumed", pos: "a" }));
    await advance(37_500);
    expect(sources()).toHaveLength(3);
    expect(received).toEqual([]);
  });

  test("that says nonsense in its hello is reported and read on", async () => {
    const { connect, send, errors, received } = setUp();
    await connect();
    await send({ event: "sse.hello", text: "{" }, { event: "sse.hello", text: "null" }, { event: "a", data: 1 });
    expect(errors.map(({ code, raw }) => [code, raw])).toEqual([
      ["decode", "{"],
      ["decode", "null"],
    ]);
    expect(received).toHaveLength(1);
  });
});

test("polling stands in for it, and gives way to it again", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const fake = createFakeEventSource();
  const machine = createFakeEnvironment((exchange) => {
    const { lastEventId } = exchange.request;
    exchange.reply(
      200,
      "application/json",
      JSON.stringify({ events: [], id: lastEventId || "abc123.1", retryMs: 2_000 }),
    );
  });
  machine.setRandom(0);
  const client = createNativeSSEClient({
    url: "/events",
    channels,
    environment: machine.environment,
    fallback: polling(),
  });
  vi.stubGlobal("EventSource", fake.EventSource);
  client.channel("a").on(() => {});
  await machine.advance(20_000);
  expect(client.status.get()).toMatchObject({ status: "open", transport: "polling" });
  await machine.advance(62_000);
  expect(fake.instances.map(({ readyState }) => readyState)).toEqual([2, 2, 0]);
  fake.drop();
  expect(fake.instances[2]?.readyState).toBe(2);
  await machine.advance(120_000);
  expect(client.status.get()).toMatchObject({ status: "open", transport: "polling" });
  expect(fake.requests.at(-1)?.url).toContain("lastEventId=abc123.1");
  fake.open();
  fake.emit(hello({ resume: "resumed", pos: "1" }));
  fake.emit({ event: "a", data: 1, id: "abc123.2" });
  await machine.settle();
  expect(client.status.get()).toMatchObject({ status: "open", transport: "native", lastEventId: "abc123.2" });
  client.close();
  await machine.settle();
  expect(machine.leaks()).toEqual({ timers: 0, listeners: 0, flushes: 0, streams: 0 });
  vi.unstubAllGlobals();
  warn.mockRestore();
});

test("the entry exports these names", () => {
  expect(Object.keys(entry).sort()).toEqual(["createNativeSSEClient", "native"]);
});
