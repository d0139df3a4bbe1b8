import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ClientOptions, createSSEClient, dynamic, query, SSEError, type SSEMessage } from "../src/index.ts";
import * as entry from "../src/polling/index.ts";
import { createFakeServer, type FakeServerOptions } from "../src/testing/index.ts";

/*
 * A server that speaks the contract, behind something that lets polls pass and does to streams what a test says. Time
 * is the test's, and there is no jitter.
 */

const { polling } = entry;

/** `hold`: heads pass and bytes do not. `cut`: ended at once. A function answers by itself. */
type Passage = "pass" | "hold" | "cut" | (() => Promise<Response>);

interface Sent {
  readonly at: number;
  readonly kind: "stream" | "poll" | "change";
  readonly url: string;
  readonly headers: Headers;
  readonly init: RequestInit;
}

let warnings: string[];
beforeEach(() => {
  warnings = [];
  vi.spyOn(console, "warn").mockImplementation((text: string) => void warnings.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
});

function setUp(options: Partial<ClientOptions> = {}, serverOptions: FakeServerOptions = {}) {
  const server = createFakeServer({ heartbeatMs: null, ...serverOptions });
  server.setRandom(0);
  const sent: Sent[] = [];
  const passage: { streams: Passage; polls: "pass" | (() => Promise<Response>) } = { streams: "hold", polls: "pass" };
  const { environment } = server;

  const hold = async (input: RequestInfo | URL, init: RequestInit) => {
    const { headers } = await environment.fetch(input, init);
    const body = new ReadableStream({
      start(controller) {
        init.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
      },
    });
    return new Response(body, { headers });
  };
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const isStream = headers.get("accept") === "text/event-stream";
    const kind = isStream ? "stream" : init.method === "POST" ? "change" : "poll";
    sent.push({ at: environment.now(), kind, url: `${input}`, headers, init });
    const way = kind === "stream" ? passage.streams : kind === "poll" ? passage.polls : "pass";
    if (typeof way === "function") return way();
    if (way === "hold") return hold(input, init);
    if (way === "cut") return new Response(null, { headers: { "content-type": "text/event-stream" } });
    return environment.fetch(input, init);
  };
  const errors: SSEError[] = [];
  const client = createSSEClient({
    url: "/events?token=secret",
    environment: { ...environment, fetch },
    fallback: polling(),
    onError: (error) => errors.push(error),
    ...options,
  });
  const received: SSEMessage[] = [];
  client.on("message", (message) => received.push(message));
  const kinds = () => sent.map(({ kind }) => kind);
  return {
    ...server,
    client,
    errors,
    passage,
    received,
    sent,
    kinds,
    /** Requests of the kind, the newest last. */
    only: (kind: Sent["kind"]) => sent.filter((request) => request.kind === kind),
    dataOf: () => received.map(({ data }) => data),
    transport: () => client.status.get().transport,
    /** Two streams have been silent, and the first poll is answered. */
    async fallBack() {
      client.channel("a").on(() => {});
      await server.advance(20_000);
      expect(kinds()).toEqual(["stream", "stream", "poll"]);
    },
  };
}

const stream = (text: string) => async () => new Response(text, { headers: { "content-type": "text/event-stream" } });
const bye = 'event: sse.bye\ndata: {"reason":"shutdown"}\n\n';
const answer =
  (body: object, headers: Record<string, string> = { "content-type": "application/json" }, status = 200) =>
  async () =>
    new Response(JSON.stringify(body), { status, headers });
const nothing = { timers: 0, listeners: 0, flushes: 0, streams: 0 };

// SPEC 95
describe("what is no reason to poll", () => {
  test.each([0, -1, Number.NaN])("returnMs %s is refused", (returnMs) => {
    expect(() => polling({ returnMs })).toThrow(
      expect.objectContaining({ code: "invalid-option", option: "returnMs" }),
    );
  });

  test("one stream without a byte, also when another failure comes before the second", async () => {
    const { client, passage, advance, kinds } = setUp();
    client.channel("a").on(() => {});
    await advance(9_999);
    passage.streams = async () => {
      passage.streams = "hold";
      return new Response("", { status: 503 });
    };
    await advance(10_002);
    expect(kinds()).toEqual(["stream", "stream", "stream", "stream"]);
    expect(warnings).toEqual([]);
  });

  test("streams the user gives up", async () => {
    const { client, advance, kinds } = setUp();
    client.channel("a").on(() => {});
    for (let time = 0; time < 5; time++) {
      await advance(9_000);
      client.reconnect();
      await advance(500);
      client.pause();
      await advance(500);
      client.resume();
    }
    expect(new Set(kinds())).toEqual(new Set(["stream"]));
  });

  test("a stream that is replaced after one that was silent", async () => {
    const { client, advance, kinds } = setUp();
    client.channel("a").on(() => {});
    await advance(10_000);
    client.reconnect();
    await advance(9_999);
    expect(kinds()).toEqual(["stream", "stream", "stream"]);
    await advance(1);
    expect(kinds().at(-1)).toBe("poll");
  });

  test("refusals and lost connections, however many", async () => {
    const { client, passage, advance, setRandom, kinds } = setUp();
    passage.streams = async () => {
      throw new TypeError("Failed to fetch");
    };
    client.channel("a").on(() => {});
    setRandom(0.5);
    await advance(200_000);
    expect(kinds().length).toBeGreaterThanOrEqual(10);
    expect(new Set(kinds())).toEqual(new Set(["stream"]));
  });

  test("short streams that said hello or brought an event", async () => {
    const { client, passage, advance, setRandom, kinds } = setUp();
    passage.streams = stream("event: a\ndata: 1\n\n");
    client.channel("a").on(() => {});
    setRandom(0.5);
    await advance(200_000);
    expect(kinds().length).toBeGreaterThanOrEqual(10);
    expect(new Set(kinds())).toEqual(new Set(["stream"]));
  });

  test("a stream that ends after more than a second, between short ones", async () => {
    const { client, passage, advance, environment, kinds } = setUp({ retry: { baseMs: 0 } });
    let count = 0;
    passage.streams = async () => {
      if (++count % 3 > 0) return stream("")();
      const body = new ReadableStream({
        start: (controller) => void environment.setTimer(() => controller.close(), 1_000),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    };
    client.channel("a").on(() => {});
    for (let time = 0; time < 20; time++) await advance(1_000);
    expect(count).toBeGreaterThan(9);
    expect(new Set(kinds())).toEqual(new Set(["stream"]));
  });
});

// SPEC 95
describe("streams that do not get through", () => {
  test("are replaced by polls after two without a byte, and one warning says why", async () => {
    const { client, fallBack, publish, advance, dataOf, errors, transport } = setUp();
    await fallBack();
    expect(client.status.get()).toMatchObject({ status: "open", transport: "polling", resume: { type: "fresh" } });
    await publish("a", 1);
    await publish("a", 2);
    await advance(2_000);
    await publish("a", 3);
    await advance(2_000);
    expect(dataOf()).toEqual([1, 2, 3]);
    expect(transport()).toBe("polling");
    expect(errors.map(({ code }) => code)).toEqual(["timeout", "timeout"]);
    expect(warnings).toEqual([expect.stringMatching(/\/events .*proxy_buffering.*X-Accel-Buffering.*compress/)]);
    expect(warnings[0]).not.toContain("secret");
  });

  test("are replaced by polls after three that ended at once and had said nothing but comments", async () => {
    const { client, passage, advance, kinds } = setUp();
    passage.streams = stream(":\n\nretry: 10\n\n");
    client.channel("a").on(() => {});
    for (let time = 0; time < 3; time++) await advance(10);
    expect(kinds()).toEqual(["stream", "stream", "stream", "poll"]);
    expect(client.status.get()).toMatchObject({ status: "open", transport: "polling" });
    expect(warnings).toHaveLength(1);
  });

  test("are waited for as long as the client was told to", async () => {
    const { client, advance, kinds } = setUp({ firstByteTimeoutMs: 100 });
    client.channel("a").on(() => {});
    await advance(200);
    expect(kinds()).toEqual(["stream", "stream", "poll"]);
  });
});

describe("a poll", () => {
  test("asks as the stream did, by GET and with the newest id, first for an answer at once", async () => {
    const headers = { authorization: "Bearer 1" };
    const { passage, publish, advance, drop, only, client } = setUp({ headers, withCredentials: true });
    passage.streams = "pass";
    client.channel("a").on(() => {});
    await publish("a", 1);
    await advance(0);
    passage.streams = "hold";
    await drop();
    await advance(26_000);
    await publish("a", 2);
    await advance(4_000);
    const polls = only("poll");
    expect(polls.map(({ url }) => url)).toEqual([
      "/events?token=secret&wait=0",
      "/events?token=secret",
      "/events?token=secret",
    ]);
    expect(polls.map((request) => request.headers.get("last-event-id"))).toEqual(["fake01.1", "fake01.1", "fake01.2"]);
    expect(polls[1]?.init).toMatchObject({ method: "GET", credentials: "include", body: null });
    expect(polls[1]?.headers.get("accept")).toBe("application/json");
    expect(polls[1]?.headers.get("authorization")).toBe("Bearer 1");
  });

  test("puts the position into the query where the client does, in place of the last one", async () => {
    const { fallBack, publish, advance, only } = setUp({ resumeBy: "query" });
    await fallBack();
    await publish("a", 1);
    await advance(4_000);
    const polls = only("poll");
    expect(polls.map(({ url }) => new URLSearchParams(url.split("?")[1]).getAll("lastEventId"))).toEqual([
      [],
      ["fake01.0"],
      ["fake01.1"],
    ]);
    expect(polls.every(({ headers }) => !headers.has("last-event-id"))).toBe(true);
  });

  test("can go elsewhere, with the query of the stream", async () => {
    const { fallBack, only } = setUp({ fallback: polling({ url: "/poll?v=1" }), subscription: query() });
    await fallBack();
    expect(only("poll")[0]?.url).toBe("/poll?v=1&token=secret&channels=a");
  });

  test("goes by GET without a body for a client that posts", async () => {
    const { client, advance, only } = setUp({ method: "POST", body: "x", idempotent: true });
    client.channel("a").on(() => {});
    await advance(20_000);
    expect(only("poll")[0]?.init).toMatchObject({ method: "GET", body: null });
    expect(client.status.get().transport).toBe("polling");
  });

  test("waits as long as the server said", async () => {
    const { fallBack, advance, only, passage } = setUp();
    await fallBack();
    passage.polls = answer({ events: [], id: "fake01.0", gaps: [], retryMs: 7_000 });
    await advance(2_000);
    await advance(6_999);
    expect(only("poll")).toHaveLength(2);
    await advance(1);
    expect(only("poll")).toHaveLength(3);
  });

  test("is not repeated in a tight loop when the server neither waits nor says how long to", async () => {
    const { fallBack, advance, only, passage } = setUp();
    await fallBack();
    passage.polls = answer({ events: [], id: "fake01.0", gaps: [], retryMs: 0 });
    await advance(10_000);
    expect(only("poll").length).toBeLessThanOrEqual(11);
    passage.polls = answer({ events: [], id: "fake01.0", retryMs: "soon" });
    await advance(10_000);
    expect(only("poll").length).toBeLessThanOrEqual(21);
  });

  test("that is never answered is given up, and what came meanwhile is there with the next", async () => {
    const { fallBack, passage, advance, publish, dataOf, client } = setUp();
    await fallBack();
    passage.polls = () => new Promise(() => {});
    await advance(2_000);
    await publish("a", 1);
    await advance(60_000);
    expect(client.status.get()).toMatchObject({ status: "open", stale: true });
    passage.polls = "pass";
    await advance(30_000);
    expect(client.status.get()).toMatchObject({ status: "open", transport: "polling" });
    expect(dataOf()).toEqual([1]);
  });
});

// SPEC 95
describe("what an answer brings", () => {
  test("the newest messages of a first connection are replayed ones", async () => {
    const { fallBack, publish, received, client } = setUp({}, { initial: 2 });
    for (const data of [1, 2, 3]) await publish("a", data);
    await fallBack();
    expect(received.map(({ data, replayed, lastEventId }) => [data, replayed, lastEventId])).toEqual([
      [2, true, "fake01.2"],
      [3, true, "fake01.3"],
    ]);
    expect(client.status.get()).toMatchObject({ resume: { type: "fresh" }, lastEventId: "fake01.3" });
  });

  test("what was missed is replayed and the rest is live, as on a stream", async () => {
    const { client, passage, publish, advance, drop, received } = setUp();
    passage.streams = "pass";
    client.channel("a").on(() => {});
    await publish("a", 1);
    await advance(0);
    await publish("a", 2);
    passage.streams = "hold";
    await drop();
    await publish("a", 3);
    await publish("b", 4);
    await advance(26_000);
    await publish("a", 5);
    await advance(2_000);
    expect(received.map(({ data, replayed }) => [data, replayed])).toEqual([
      [2, false],
      [3, true],
      [4, true],
      [5, false],
    ]);
    expect(client.status.get().resume).toEqual({ type: "replayed", count: 2 });
  });

  test("what is spread over several answers is asked for without a wait, and all of it is replayed", async () => {
    const { client, passage, publish, advance, drop, received, only } = setUp();
    passage.streams = "pass";
    client.channel("a").on(() => {});
    await advance(0);
    await publish("a", 1);
    passage.streams = "hold";
    await drop();
    const page = (number: number, retryMs: number) =>
      answer({ events: [{ id: `fake01.${number}`, event: "a", data: `${number}` }], id: `fake01.${number}`, retryMs });
    const pages = [page(2, 0), page(3, 0), page(4, 2_000), page(5, 2_000)];
    passage.polls = () => pages.shift()!();
    await advance(26_000);
    expect(received.map(({ data }) => data)).toEqual([1, 2, 3, 4]);
    expect(only("poll").map(({ url }) => url.includes("wait=0"))).toEqual([true, true, true]);
    await advance(2_000);
    expect(received.map(({ data, replayed }) => [data, replayed])).toEqual([
      [1, false],
      [2, true],
      [3, true],
      [4, true],
      [5, false],
    ]);
    expect(client.status.get().resume).toEqual({ type: "replayed", count: 1 });
  });

  test("a gap is a gap, at the beginning and in the middle", async () => {
    const { client, fallBack, publish, advance, restart, dataOf } = setUp({}, { history: 2 });
    await fallBack();
    for (const data of [1, 2, 3]) await publish("a", data);
    await advance(2_000);
    expect(client.status.get().resume).toMatchObject({ type: "gap", reason: "trimmed", from: "fake01.0" });
    expect(client.channel("a").gap.get()).toMatchObject({ reason: "trimmed", to: "fake01.3" });
    await restart();
    await advance(2_000);
    expect(client.channel("a").gap.get()).toMatchObject({ reason: "epoch" });
    await publish("a", 4);
    await advance(2_000);
    expect(dataOf()).toEqual([4]);
    expect(client.stats.get()).toMatchObject({ gaps: 2, duplicates: 0 });
  });

  test("the position moves also when there was nothing for this client", async () => {
    const { client, fallBack, publish, advance } = setUp({ subscription: query() });
    await fallBack();
    await publish("b", 1);
    await advance(2_000);
    expect(client.status.get().lastEventId).toBe("fake01.1");
  });

  test("nothing is delivered after a handler has closed the client", async () => {
    const { client, fallBack, publish, advance, dataOf, leaks } = setUp();
    await fallBack();
    client.channel("a").on(({ data }) => data === 2 && client.close());
    for (const data of [1, 2, 3]) await publish("a", data);
    await advance(2_000);
    expect(dataOf()).toEqual([1, 2]);
    expect(client.status.get().lastEventId).toBe("fake01.2");
    expect(leaks()).toEqual(nothing);
  });

  test("a channel that is added later is part of the next poll, whichever way of subscribing", async () => {
    for (const subscription of [query(), dynamic()]) {
      const { client, fallBack, publish, advance, received, only } = setUp({ subscription });
      await fallBack();
      const stop = client.channel("b").on(() => {});
      await publish("b", 1);
      await advance(4_000);
      await publish("b", 2);
      await advance(4_000);
      expect(received.map(({ channel, data }) => `${channel} ${data}`)).toEqual(["b 1", "b 2"]);
      expect(only("poll").at(-1)?.url).toContain("channels=a%2Cb");
      stop();
      await advance(3_000);
      expect(only("poll").at(-1)?.url).toMatch(/channels=a(&|$)/);
      client.channel("b").on(() => {});
      await advance(3_000);
      expect(only("poll").at(-1)?.url).toContain("channels=a%2Cb");
      expect(only("poll").length).toBeLessThan(20);
      client.close();
    }
  });
});

describe("a poll that fails", () => {
  test("is repeated as any attempt is, and polling goes on", async () => {
    const { client, fallBack, passage, advance, kinds, errors } = setUp();
    await fallBack();
    passage.polls = async () => {
      passage.polls = "pass";
      throw new TypeError("Failed to fetch");
    };
    await advance(2_000);
    expect(client.status.get()).toMatchObject({ status: "open", transport: "polling" });
    expect(kinds().slice(2)).toEqual(expect.not.arrayContaining(["stream"]));
    expect(errors.at(-1)).toMatchObject({ code: "network" });
  });

  test("with 401 has the credentials renewed, and 503 waits for Retry-After", async () => {
    const onUnauthorized = vi.fn();
    const { client, fallBack, passage, advance, only } = setUp({ onUnauthorized });
    await fallBack();
    passage.polls = async () => {
      passage.polls = "pass";
      return new Response("", { status: 401 });
    };
    await advance(2_000);
    expect(onUnauthorized).toHaveBeenCalledTimes(1);
    expect(client.status.get()).toMatchObject({ status: "open", transport: "polling" });
    passage.polls = async () => new Response("", { status: 503, headers: { "retry-after": "9" } });
    await advance(2_000);
    const { length } = only("poll");
    await advance(8_999);
    expect(only("poll")).toHaveLength(length);
    passage.polls = "pass";
    await advance(1);
    expect(client.status.get()).toMatchObject({ status: "open", transport: "polling" });
  });

  test("with 204 closes", async () => {
    const { client, fallBack, passage, advance } = setUp();
    await fallBack();
    passage.polls = async () => new Response(null, { status: 204 });
    await advance(2_000);
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "server" });
  });

  test.each([
    ["404", async () => new Response("", { status: 404 })],
    ["406", async () => new Response("", { status: 406 })],
    ["an event stream", stream("data: 1\n\n")],
    ["a page", async () => new Response("<p>", { headers: { "content-type": "text/html" } })],
  ])("as the server answers %s leaves it to streams, and says so", async (_, reply) => {
    const { client, passage, advance, errors, kinds, leaks } = setUp();
    passage.polls = reply;
    client.channel("a").on(() => {});
    await advance(22_000);
    expect(errors.at(-1)).toMatchObject({ code: "timeout", cause: { name: "SSEError" } });
    expect(errors.at(-1)?.message).toContain("does not answer polls");
    expect(kinds()).toEqual(["stream", "stream", "poll", "stream"]);
    passage.streams = "pass";
    await advance(30_000);
    expect(client.status.get()).toMatchObject({ status: "open", transport: "fetch" });
    client.close();
    await advance(0);
    expect(leaks()).toEqual(nothing);
  });

  test("as its JSON is cut short is repeated", async () => {
    const { client, fallBack, passage, advance, errors } = setUp();
    await fallBack();
    passage.polls = async () => {
      passage.polls = "pass";
      return new Response('{"events":[', { headers: { "content-type": "application/json" } });
    };
    await advance(2_000);
    expect(errors.at(-1)).toMatchObject({ code: "network", cause: { name: "SyntaxError" } });
    expect(client.status.get()).toMatchObject({ status: "open", transport: "polling" });
  });

  test("again and again gives streams another chance when their time has come", async () => {
    const { client, fallBack, passage, advance, setRandom, kinds } = setUp();
    await fallBack();
    setRandom(0.5);
    passage.polls = async () => {
      throw new TypeError("Failed to fetch");
    };
    passage.streams = "pass";
    await advance(40_000);
    expect(kinds().slice(2)).toEqual(expect.not.arrayContaining(["stream"]));
    await advance(60_000);
    expect(client.status.get()).toMatchObject({ status: "open", transport: "fetch" });
  });
});

test("polls that are too slow for the client give streams another chance, too", async () => {
  const { client, passage, advance, setRandom, kinds } = setUp();
  passage.polls = () => new Promise(() => {});
  setRandom(0.5);
  client.channel("a").on(() => {});
  await advance(80_000);
  expect(kinds().filter((kind) => kind === "stream")).toHaveLength(2);
  passage.streams = "pass";
  await advance(60_000);
  expect(client.status.get()).toMatchObject({ status: "open", transport: "fetch" });
});

describe("nothing is left under way when the client is closed", () => {
  test.each([
    ["between two polls", 1_000, "pass"],
    ["during a poll", 2_000, "never"],
    ["while a stream is tried", 62_000, "pass"],
  ] as const)("%s", async (_, ms, polls) => {
    const { client, fallBack, passage, advance, settle, leaks, environment, sent } = setUp();
    await fallBack();
    if (polls === "never") passage.polls = () => environment.fetch("/never", {}).then(() => new Promise(() => {}));
    await advance(ms);
    client.close();
    await settle();
    const { length } = sent;
    expect(sent.filter(({ init }) => !init.signal)).toEqual([]);
    expect({ ...leaks(), streams: 0 }).toEqual(nothing);
    if (polls === "pass") expect(leaks().streams).toBe(0);
    else expect(sent.at(-1)?.init.signal?.aborted).toBe(true);
    await advance(600_000);
    expect(sent).toHaveLength(length);
  });
});

// SPEC 95
describe("the way back", () => {
  test("a stream is tried after a minute, and ever less often; polls go on meanwhile, and nobody sees an error", async () => {
    const { client, fallBack, publish, advance, sent, only, dataOf, errors, leaks } = setUp();
    await fallBack();
    const states = new Set<string>();
    client.status.subscribe(() => states.add(client.status.get().status));
    for (let second = 0; second < 500; second++) {
      await publish("a", second);
      await advance(1_000);
    }
    const streams = only("stream").map(({ at }) => Math.round(at / 2_000) * 2);
    expect(streams).toEqual([0, 10, 80, 200, 440]);
    // Those that were tried are let go of after the client's own time.
    expect(sent.filter(({ kind, init }) => kind === "stream" && !init.signal?.aborted)).toEqual([]);
    const times = only("poll").map(({ at }) => at);
    expect(Math.max(...times.slice(1).map((at, index) => at - times[index]!))).toBe(2_000);
    await advance(2_000);
    expect(dataOf()).toEqual(Array.from({ length: 500 }, (_, second) => second));
    expect([...states]).toEqual(["open"]);
    expect(errors).toHaveLength(2);
    expect(warnings).toHaveLength(1);
    client.close();
    await advance(0);
    expect(leaks()).toEqual(nothing);
  });

  test("a stream that is tried is let go of after the time the client gives a first byte", async () => {
    const { client, advance, only } = setUp({ firstByteTimeoutMs: 3_000 });
    client.channel("a").on(() => {});
    await advance(66_000);
    expect(only("stream")).toHaveLength(3);
    await advance(2_999);
    expect(only("stream")[2]?.init.signal?.aborted).toBe(false);
    await advance(1);
    expect(only("stream")[2]?.init.signal?.aborted).toBe(true);
  });

  test("an answer to a poll that comes after a stream has taken over is not read", async () => {
    const { client, fallBack, advance, passage, received, environment, transport } = setUp();
    await fallBack();
    let letStreamPass = () => {};
    let answerPoll = () => {};
    passage.streams = async () => {
      await new Promise<void>((resolve) => (letStreamPass = resolve));
      return environment.fetch("/events", { headers: { accept: "text/event-stream", "last-event-id": "fake01.0" } });
    };
    await advance(61_000);
    passage.polls = async () => {
      await new Promise<void>((resolve) => (answerPoll = resolve));
      return answer({ events: [{ id: "fake01.9", event: "a", data: "9" }], id: "fake01.9", retryMs: 1 })();
    };
    await advance(1_000);
    letStreamPass();
    await advance(0);
    expect(transport()).toBe("fetch");
    answerPoll();
    await advance(1_000);
    expect(received).toEqual([]);
    expect(client.status.get()).toMatchObject({ transport: "fetch", lastEventId: "fake01.0" });
  });

  test("waits never longer than half an hour", async () => {
    const { fallBack, advance, only } = setUp({ fallback: polling({ returnMs: 1_000_000 }) });
    await fallBack();
    for (let time = 0; time < 60; time++) await advance(100_000);
    const gaps = only("stream").map(({ at }, index, all) => at - (all[index - 1]?.at ?? 0));
    expect(gaps.slice(2).map((ms) => Math.round(ms / 100_000))).toEqual([10, 18, 18]);
  });

  test("is taken when a stream gets through: nothing is lost or repeated, and no state but the transport changes", async () => {
    const { client, fallBack, publish, advance, passage, dataOf, transport, kinds, errors } = setUp();
    await fallBack();
    const states = new Set<string>();
    client.status.subscribe(() => states.add(client.status.get().status));
    passage.streams = "pass";
    let count = 0;
    while (transport() !== "fetch" && count < 200) {
      await publish("a", count++);
      await advance(500);
    }
    expect(transport()).toBe("fetch");
    for (let more = 0; more < 5; more++) await publish("a", count++);
    expect(dataOf()).toEqual(Array.from({ length: count }, (_, index) => index));
    expect([...states]).toEqual(["open"]);
    expect(errors).toHaveLength(2);
    const { length } = kinds();
    await advance(300_000);
    expect(kinds()).toHaveLength(length);
  });

  test("a stream that got through counts: it takes two silent ones again, and no second warning comes", async () => {
    const { client, fallBack, advance, passage, drop, transport, kinds } = setUp();
    await fallBack();
    passage.streams = "pass";
    await advance(70_000);
    expect(transport()).toBe("fetch");
    passage.streams = "hold";
    await drop();
    const { length } = kinds();
    await advance(26_000);
    expect(kinds().slice(length)).toEqual(["stream", "stream", "poll"]);
    expect(transport()).toBe("polling");
    passage.streams = "pass";
    await advance(62_000);
    expect(client.status.get()).toMatchObject({ status: "open", transport: "fetch" });
    expect(warnings).toHaveLength(1);
  });

  test("messages polled while a stream is on its way are not delivered again by it", async () => {
    const { client, fallBack, publish, advance, passage, dataOf, environment, transport } = setUp();
    await fallBack();
    let release = () => {};
    passage.streams = async () => {
      const stale = environment.fetch("/events", {
        headers: { accept: "text/event-stream", "last-event-id": "fake01.0" },
      });
      await new Promise<void>((resolve) => (release = resolve));
      return stale;
    };
    await advance(61_000);
    for (const data of [1, 2, 3]) await publish("a", data);
    await advance(3_000);
    expect(dataOf()).toEqual([1, 2, 3]);
    expect(transport()).toBe("polling");
    release();
    await advance(0);
    await publish("a", 4);
    expect(transport()).toBe("fetch");
    expect(dataOf()).toEqual([1, 2, 3, 4]);
    expect(client.stats.get().duplicates).toBe(3);
  });

  test("a loss that polls have told of is not told again by a stream that was asked for before", async () => {
    const { client, fallBack, publish, advance, passage, only } = setUp({}, { history: 2 });
    await fallBack();
    await advance(62_000);
    expect(only("stream")).toHaveLength(3);
    for (const data of [1, 2, 3]) await publish("a", data);
    passage.streams = "pass";
    await advance(2_000);
    expect(only("stream")).toHaveLength(4);
    expect(only("stream")[2]?.init.signal?.aborted).toBe(true);
    expect(only("stream")[3]?.headers.get("last-event-id")).toBe("fake01.3");
    await advance(1_000);
    expect(client.status.get()).toMatchObject({ transport: "fetch", resume: { type: "resumed" } });
    expect(client.stats.get()).toMatchObject({ gaps: 1, duplicates: 0 });
  });

  test("a stream that is tried and refused, or ends at once, changes nothing", async () => {
    for (const streams of [
      async () => new Response("", { status: 500 }),
      "cut",
      stream(":\n\n"),
      stream(bye),
    ] as const) {
      const { client, fallBack, publish, advance, passage, dataOf, errors, kinds } = setUp();
      await fallBack();
      passage.streams = streams;
      await advance(62_000);
      await publish("a", 1);
      await advance(2_000);
      expect(kinds().filter((kind) => kind === "stream")).toHaveLength(3);
      expect(dataOf()).toEqual([1]);
      expect(client.status.get()).toMatchObject({ status: "open", transport: "polling" });
      expect(errors).toHaveLength(2);
      client.close();
    }
  });

  test("an attempt that begins when streams are due polls first, so that a change of channels waits for no stream", async () => {
    const { client, fallBack, passage, advance, kinds } = setUp({ subscription: query() });
    await fallBack();
    await advance(58_000);
    passage.polls = () => new Promise(() => {});
    await advance(4_000);
    const { length } = kinds();
    passage.polls = "pass";
    client.channel("b").on(() => {});
    await advance(100);
    expect(kinds().slice(length)[0]).toBe("poll");
    expect(client.status.get().status).toBe("open");
  });
});

test("errors of this package pass through unchanged", async () => {
  const { client, fallBack, passage, advance, errors } = setUp();
  await fallBack();
  const error = new SSEError("http", "answered by a service worker", { status: 410 });
  passage.polls = async () => {
    throw error;
  };
  await advance(2_000);
  expect(errors.at(-1)).toBe(error);
  expect(client.status.get()).toMatchObject({ status: "closed", reason: "error" });
});

test("the entry exports this name", () => {
  expect(Object.keys(entry)).toEqual(["polling"]);
});
