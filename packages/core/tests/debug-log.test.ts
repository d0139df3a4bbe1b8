import { type ScriptedServer, startScriptedServer } from "test-kit/scripted-server";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createDebugLog, type DebugEntry, type DebugLogOptions } from "../src/debug/debug-log.ts";
import { createSSEClient } from "../src/index.ts";
import { createFakeServer, createFakeSource } from "../src/testing/index.ts";

/** A body that a test fills, and what it learns of how it is read. */
function createBody() {
  let controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  const cancelled: unknown[] = [];
  let pulls = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(own) {
        controller = own;
      },
      pull: () => void pulls++,
      cancel: (reason) => void cancelled.push(reason),
    },
    { highWaterMark: 0 },
  );
  return {
    body,
    cancelled,
    pulls: () => pulls,
    push: (data: string | Uint8Array) =>
      controller.enqueue(typeof data === "string" ? new TextEncoder().encode(data) : Uint8Array.from(data)),
    end: () => controller.close(),
    fail: (error: unknown) => controller.error(error),
  };
}

const SSE = { "content-type": "text/event-stream" };

/** A log around a `fetch` that answers as told. */
function setUp(answer: () => Response | Promise<Response>, options: Omit<DebugLogOptions, "environment"> = {}) {
  const frames: (() => void)[] = [];
  const calls: Parameters<typeof fetch>[] = [];
  const log = createDebugLog({
    ...options,
    environment: {
      now: () => 7,
      requestFlush: (callback) => void frames.push(callback),
      fetch: async (...call) => {
        calls.push(call);
        return answer();
      },
    },
  });
  const flush = () => {
    for (const frame of frames.splice(0)) frame();
  };
  return {
    log,
    calls,
    flush,
    framesAsked: () => frames.length,
    entries(): readonly DebugEntry[] {
      flush();
      return log.entries.get();
    },
  };
}

/** What a log makes of a stream that comes in these chunks. */
async function blocksOf(...chunks: readonly (string | Uint8Array)[]) {
  const source = createBody();
  const { log, entries } = setUp(() => new Response(source.body, { headers: SSE }));
  const response = await log.fetch("/events");
  for (const chunk of chunks) source.push(chunk);
  source.end();
  await response.arrayBuffer();
  return entries().flatMap((entry) => (entry.type === "frame" ? [[entry.text, entry.isComplete] as const] : []));
}

// SPEC 97
describe("what the client sees is unchanged", () => {
  test("an error of fetch is the same one, and only its name is kept", async () => {
    const error = new TypeError("Failed to parse URL from /events?token=secret");
    const { log, entries } = setUp(() => Promise.reject(error));
    await expect(log.fetch("/events")).rejects.toBe(error);
    expect(entries().at(-1)).toEqual({ at: 7, request: 1, type: "error", name: "TypeError", code: undefined });
    expect(JSON.stringify(entries())).not.toContain("secret");
  });

  test.each([204, 205, 304])("an answer of status %s without a body is passed on as it is", async (status) => {
    const response = new Response(null, { status });
    const { log, entries } = setUp(() => response);
    expect(await log.fetch("/events")).toBe(response);
    expect(entries().at(-1)).toMatchObject({ type: "response", status, contentType: null });
  });

  test("an answer that is no event stream is passed on as it is, and nothing of its body is kept", async () => {
    const response = new Response('{"secret":1}', { status: 500, headers: { "content-type": "application/json" } });
    const { log, entries } = setUp(() => response);
    expect(await log.fetch("/events")).toBe(response);
    expect(await response.json()).toEqual({ secret: 1 });
    expect(entries().map((entry) => entry.type)).toEqual(["request", "response"]);
  });

  test("status, headers and address of a stream stay", async () => {
    const response = new Response("", { status: 200, statusText: "Fine", headers: { ...SSE, "x-a": "1" } });
    Object.defineProperty(response, "url", { value: "http://host.test/redirected" });
    const { log } = setUp(() => response);
    const seen = await log.fetch("/events");
    expect(seen).toMatchObject({
      status: 200,
      statusText: "Fine",
      url: "http://host.test/redirected",
      redirected: false,
    });
    expect(seen.headers.get("x-a")).toBe("1");
  });

  test("bytes stay as they are, also those that are no text", async () => {
    const source = createBody();
    const { log } = setUp(() => new Response(source.body, { headers: SSE }));
    const response = await log.fetch("/events");
    const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, 0xff, 0xfe, 0, 0x0d, 0x0a, 0xe2, 0x82]);
    source.push(bytes);
    source.end();
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
  });

  test("nothing is read before the client reads, and one chunk at a time", async () => {
    const source = createBody();
    const { log } = setUp(() => new Response(source.body, { headers: SSE }));
    const reader = (await log.fetch("/events")).body!.getReader();
    await Promise.resolve();
    expect(source.pulls()).toBe(0);
    const first = reader.read();
    source.push("a");
    await first;
    await new Promise((resolve) => setTimeout(resolve));
    expect(source.pulls()).toBe(1);
  });

  test("a stream that breaks breaks with the same error, and what had come of a block is shown", async () => {
    const source = createBody();
    const { log, entries } = setUp(() => new Response(source.body, { headers: SSE }));
    const reader = (await log.fetch("/events")).body!.getReader();
    const error = new DOMException("gone", "AbortError");
    source.push("data: 1");
    await reader.read();
    source.fail(error);
    await expect(reader.read()).rejects.toBe(error);
    expect(entries().slice(2)).toEqual([
      { at: 7, request: 1, type: "frame", text: "data: 1", isComplete: false },
      { at: 7, request: 1, type: "error", name: "AbortError", code: undefined },
    ]);
  });

  test("cancelling reaches the source with its reason, once, also while a read is pending", async () => {
    const source = createBody();
    const { log, entries } = setUp(() => new Response(source.body, { headers: SSE }));
    const reader = (await log.fetch("/events")).body!.getReader();
    const pending = reader.read();
    await reader.cancel("enough");
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(source.cancelled).toEqual(["enough"]);
    await new Promise((resolve) => setTimeout(resolve));
    expect(entries().slice(2)).toEqual([{ at: 7, request: 1, type: "end", by: "client" }]);
  });

  test("headers that fetch refuses are refused by fetch", async () => {
    const { log, calls } = setUp(() => Promise.reject(new TypeError("invalid header")));
    const init = { headers: { "bad name": "x" } };
    await expect(log.fetch("/events", init)).rejects.toThrow("invalid header");
    expect(calls).toEqual([["/events", init]]);
  });

  test("a listener that throws is reported and disturbs nothing", async () => {
    const reported = vi.spyOn(console, "error").mockImplementation(() => {});
    const onEntry = () => {
      throw new Error("listener");
    };
    const { log } = setUp(() => new Response("data: 1\n\n", { headers: SSE }), { onEntry });
    expect(await (await log.fetch("/events")).text()).toBe("data: 1\n\n");
    expect(reported).toHaveBeenCalledTimes(4);
    reported.mockRestore();
  });
});

// SPEC 97
describe("what is never kept", () => {
  test.each([
    ["/events?token=abc&channels=a,b&lastEventId=k.1&wait=0", "/events?token=…&channels=a,b&lastEventId=k.1&wait=0"],
    ["/events?a=b=c&flag&x=#token=abc", "/events?a=…&flag&x=…"],
    ["https://user:password@host.test/events?last_event_id=1", "https://…@host.test/events?last_event_id=1"],
    ["https://host.test/a@b", "https://host.test/a@b"],
    [new URL("https://host.test/events?q=a?b"), "https://host.test/events?q=…"],
    [new Request("https://host.test/events?channels=a#x"), "https://host.test/events?channels=a"],
  ])("of %s only what is not secret is shown", async (input, url) => {
    const { log, entries } = setUp(() => new Response());
    await log.fetch(input);
    expect(entries()[0]).toMatchObject({ type: "request", url, method: "GET" });
  });

  test("headers have their names only, and bodies are left out", async () => {
    const { log, entries } = setUp(() => new Response());
    const secret = { method: "post", headers: { Authorization: "Bearer secret", Accept: "a" }, body: "secret" };
    await log.fetch("/a", secret);
    await log.fetch(new Request("http://host.test/a", secret));
    await log.fetch(new Request("http://host.test/a", secret), { method: "PUT", headers: [["x-b", "secret"]] });
    const requests = entries().filter(({ type }) => type === "request");
    expect(requests).toMatchObject([
      { request: 1, method: "POST", headers: ["accept", "authorization"] },
      { request: 2, method: "POST", headers: expect.arrayContaining(["authorization"]) },
      { request: 3, method: "PUT", headers: ["x-b"] },
    ]);
    expect(JSON.stringify(entries())).not.toContain("secret");
  });
});

// SPEC 97
describe("the blocks of a stream", () => {
  test("are shown as they came, comments included, whatever ends their lines", async () => {
    expect(
      await blocksOf(":hi\nid: 1\ndata: a\n\n", ": ping\r\n\r\nretry: 5\r\r", "\n\n\nevent: x\ndata\r\n\n"),
    ).toEqual([
      [":hi\nid: 1\ndata: a", true],
      [": ping", true],
      ["retry: 5", true],
      ["event: x\ndata", true],
    ]);
  });

  test("are the same however they are cut into chunks", async () => {
    const text = "\uFEFF:é\r\ndata: €\r\n\r\nid: 1\rdata: b\r\rdata: 😀\n\n\r\nrest\r";
    const whole = await blocksOf(text);
    expect(whole).toEqual([
      ["\uFEFF:é\r\ndata: €", true],
      ["id: 1\rdata: b", true],
      ["data: 😀", true],
      ["rest", false],
    ]);
    const bytes = new TextEncoder().encode(text);
    for (let cut = 1; cut < bytes.length; cut++)
      expect(await blocksOf(bytes.subarray(0, cut), bytes.subarray(cut)), `cut at ${cut}`).toEqual(whole);
    expect(await blocksOf(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  test("that are very long are cut short with a note, and cost no more than they show", async () => {
    const long = "x".repeat(1_000);
    const chunks = Array.from({ length: 2_000 }, () => long);
    const blocks = await blocksOf("data: ", ...chunks, "\n\ndata: 2\n\n");
    expect(blocks).toHaveLength(2);
    expect(blocks[0]?.[0]).toHaveLength(10_000 + "… [1990007 more characters]".length);
    expect(blocks[0]?.[0]).toMatch(/x… \[1990007 more characters\]$/);
    expect(blocks[1]).toEqual(["data: 2", true]);
  });
});

// SPEC 97
describe("entries", () => {
  test("are bounded, the newest stay", async () => {
    const { log, entries } = setUp(() => new Response(), { limit: 3 });
    for (let count = 0; count < 5; count++) await log.fetch("/events");
    expect(entries().map(({ type, request }) => [type, request])).toEqual([
      ["response", 4],
      ["request", 5],
      ["response", 5],
    ]);
  });

  test("are published once per frame, and told one by one at once", async () => {
    const told: DebugEntry[] = [];
    const { log, flush, framesAsked } = setUp(() => new Response("data: 1\n\ndata: 2\n\n", { headers: SSE }), {
      onEntry: (entry) => told.push(entry),
    });
    const seen: number[] = [];
    log.entries.subscribe(() => seen.push(log.entries.get().length));
    const before = log.entries.get();
    await (await log.fetch("/events")).text();
    expect(told.map(({ type }) => type)).toEqual(["request", "response", "frame", "frame", "end"]);
    expect(log.entries.get()).toBe(before);
    expect(framesAsked()).toBe(1);
    flush();
    expect(seen).toEqual([5]);
    expect(log.entries.get()).toBe(log.entries.get());
    expect(log.entries.getServer()).toEqual([]);
  });

  test("can be cleared, and those of a stream that is open go on", async () => {
    const source = createBody();
    const { log, entries } = setUp(() => new Response(source.body, { headers: SSE }));
    const reader = (await log.fetch("/events")).body!.getReader();
    log.clear();
    expect(entries()).toEqual([]);
    source.push(":\n\n");
    await reader.read();
    expect(entries()).toEqual([{ at: 7, request: 1, type: "frame", text: ":", isComplete: true }]);
  });
});

describe("with a client", () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await startScriptedServer();
  });
  afterEach(() => server.close());

  test("everything works as without, and the log shows all of it", async () => {
    const fake = createFakeServer();
    const log = createDebugLog({ environment: fake.environment });
    const client = createSSEClient({
      url: "/events",
      headers: { authorization: "secret" },
      environment: { ...fake.environment, fetch: log.fetch },
    });
    const received: unknown[] = [];
    client.channel("a").on(({ data }) => received.push(data));
    await fake.settle();
    await fake.publish("a", 1);
    await fake.advance(14_000);
    await fake.drop();
    await fake.publish("a", 2);
    await fake.advance(5_000);
    client.close();
    await fake.advance(16);
    expect(received).toEqual([1, 2]);
    const shown = log.entries.get().map((entry) => (entry.type === "frame" ? entry.text.split("\n")[0] : entry.type));
    expect(shown).toEqual([
      "request",
      "response",
      "retry: 2000",
      "event: sse.hello",
      "id: fake01.0",
      "id: fake01.1",
      ": ",
      "error",
      "request",
      "response",
      "retry: 2000",
      "event: sse.hello",
      "id: fake01.2",
      "id: fake01.2",
      "error",
    ]);
    expect(JSON.stringify(log.entries.get())).not.toContain("secret");
    expect(fake.leaks()).toEqual({ timers: 0, listeners: 0, flushes: 0, streams: 0 });
  });

  test("an attempt given up by the client is an end without an answer", async () => {
    const source = createFakeSource();
    const log = createDebugLog({ environment: source.environment });
    const client = createSSEClient({ url: "/events", environment: { ...source.environment, fetch: log.fetch } });
    client.connect();
    await source.settle();
    client.close();
    await source.advance(16);
    expect(log.entries.get().map((entry) => [entry.type, "name" in entry ? entry.name : ""])).toEqual([
      ["request", ""],
      ["error", "AbortError"],
    ]);
  });

  test("closing reaches a real server", async () => {
    let gone = false;
    server.on("/events", async ({ sse, write, signal }) => {
      signal.addEventListener("abort", () => {
        gone = true;
      });
      sse();
      await write("data: 1\n\n");
    });
    const log = createDebugLog();
    const client = createSSEClient({
      url: `${server.url}/events`,
      environment: { isServer: false, fetch: log.fetch },
    });
    await new Promise<void>((resolve) => client.channel("message").on(() => resolve()));
    client.close();
    await server.whenIdle();
    expect(gone).toBe(true);
  });
});
