import { afterEach, describe, expect, test, vi } from "vitest";
import { type ClientOptions, createSSEClient } from "../../src/index.ts";
import { createFakeSource, type FakeEvent } from "../../src/testing/index.ts";

const url = "http://host.test/events";
const nothing = { timers: 0, listeners: 0, flushes: 0, streams: 0 };

/** A client of a fake source that hears channel "a". */
function createStory(options: Partial<ClientOptions> = {}) {
  const source = createFakeSource();
  const client = createSSEClient({ url, environment: source.environment, ...options });
  const received: unknown[] = [];
  const leave = client.channel("a").on(({ data }) => received.push(data));
  return { source, client, received, leave };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a control that cannot act says what to do", () => {
  test("open, status and refuse without a client", async () => {
    const source = createFakeSource();
    for (const control of [source.open(), source.status(503), source.refuse()])
      await expect(control).rejects.toThrow("Subscribe to a channel of the client");
  });

  test("open while a stream is open", async () => {
    const { source } = createStory();
    await source.open();
    await expect(source.open()).rejects.toThrow("drop() or end() it first");
  });

  test.each([
    ["emit", (source: ReturnType<typeof createFakeSource>) => source.emit("a", 1)],
    ["hello", (source: ReturnType<typeof createFakeSource>) => source.hello()],
    ["comment", (source: ReturnType<typeof createFakeSource>) => source.comment()],
    ["raw", (source: ReturnType<typeof createFakeSource>) => source.raw("\n")],
    ["stall", (source: ReturnType<typeof createFakeSource>) => source.stall()],
    ["drop", (source: ReturnType<typeof createFakeSource>) => source.drop()],
    ["end", (source: ReturnType<typeof createFakeSource>) => source.end()],
  ])("%s without an open stream, at once", async (name, control) => {
    const { source, client } = createStory();
    expect(() => control(source)).toThrow(`${name}() needs an open stream. There was none so far`);
    await source.open();
    client.close();
    expect(() => control(source)).toThrow("The last one is over: call `await source.open()` first");
  });

  test("emit with a field that would break the frame", async () => {
    const { source } = createStory();
    await source.open();
    expect(() => source.emit({ id: "1\n2", data: 1 })).toThrow("raw()");
    expect(() => source.splitChunks(0)).toThrow("Pass 1 or more");
  });
});

// SPEC 110
describe("a fake source", () => {
  test("tells a whole story: connect, lose the link, come back, continue", async () => {
    const { source, client, received } = createStory();
    await source.open();
    await source.emit({ event: "a", id: "1", data: { price: 10 } });
    expect(client.channel("a").latest.get()?.data).toEqual({ price: 10 });

    await source.drop();
    expect(client.status.get()).toMatchObject({ status: "reconnecting", cause: { code: "network" } });

    await source.open();
    expect(client.status.get().status).toBe("open");
    expect(source.requests.map(({ lastEventId }) => lastEventId)).toEqual(["", "1"]);
    await source.emit("a", { price: 11 });
    expect(received).toEqual([{ price: 10 }, { price: 11 }]);
  });

  test("lets time pass until the client asks again, and no longer", async () => {
    const { source } = createStory();
    source.setRandom(0.5);
    await source.open();
    await source.drop();
    const lostAt = source.clock.now();
    await source.open();
    expect(source.clock.now() - lostAt).toBe(1_000);
  });

  test("gives up on a client that does not ask for two minutes", async () => {
    const { source } = createStory();
    await source.status(503, { headers: { "retry-after": "3600" } });
    await expect(source.open()).rejects.toThrow("open() found no request");
    expect(source.clock.now()).toBeLessThanOrEqual(120_000);
  });

  test("answers no request that the client has given up", async () => {
    const { source, client, received } = createStory();
    await source.settle();
    client.reconnect();
    await source.open();
    await source.emit("a", 1);
    expect(received).toEqual([1]);
    expect(source.requests.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  test("shows what was asked", async () => {
    const { source } = createStory({ headers: { authorization: "Bearer 1" } });
    await source.open();
    expect(source.requests).toMatchObject([{ url, method: "GET", body: null, lastEventId: "", aborted: false }]);
    expect(source.requests[0]?.headers.get("authorization")).toBe("Bearer 1");
  });

  test("reads the position by header, in UTF-8, and by query", async () => {
    const source = createFakeSource();
    const { fetch } = source.environment;
    void fetch(url, { headers: { "last-event-id": "Ã¤" } });
    void fetch(new Request(`${url}?lastEventId=7`, { method: "POST" }));
    void fetch(new Request(url, { headers: { "last-event-id": "6" } }));
    void fetch(new URL(`${url}?last_event_id=8`));
    void fetch("/relative?lastEventId=9", { headers: { "last-event-id": "10" }, method: "post", body: "{}" });
    await source.settle();
    expect(source.requests).toMatchObject([
      { lastEventId: "ä" },
      { lastEventId: "7", method: "POST" },
      { lastEventId: "6", method: "GET" },
      { lastEventId: "8" },
      { lastEventId: "10", url: "/relative?lastEventId=9", method: "POST", body: "{}" },
    ]);
  });

  test("refuses as often as it is told, and the client comes back each time", async () => {
    const { source, client } = createStory();
    await source.refuse({ times: 3 });
    expect(client.status.get()).toMatchObject({ attempt: 3, cause: { code: "network" } });
    await source.status(503, { times: 2, headers: { "retry-after": "60" }, body: "busy" });
    expect(client.status.get()).toMatchObject({
      attempt: 5,
      cause: { status: 503, body: "busy", retryAfterMs: 60_000 },
    });
    await source.open();
    expect(client.status.get().status).toBe("open");
  });

  test.each([
    [204, {}, { reason: "server" }],
    [404, {}, { reason: "error", cause: { code: "http", status: 404 } }],
    [200, { contentType: "text/html", body: "<p>" }, { reason: "error", cause: { code: "content-type", body: "<p>" } }],
  ])("answers %i %o", async (code, answer, expected) => {
    const { source, client } = createStory();
    await source.status(code, answer);
    expect(client.status.get()).toMatchObject({ status: "closed", ...expected });
    expect(source.leaks()).toMatchObject({ streams: 0, timers: 0 });
  });

  test("takes headers of the stream, its content type included", async () => {
    const { source, client } = createStory();
    await source.open({ "content-type": "text/html" });
    expect(client.status.get().status).not.toBe("open");
    const response = source.environment.fetch(url);
    await source.open({ "x-region": "eu" });
    expect((await response).headers.get("x-region")).toBe("eu");
  });

  test("sends ids, text, retry and events without a name or data as they are", async () => {
    const source = createFakeSource();
    const response = source.environment.fetch(url);
    await source.open();
    const events: FakeEvent[] = [{ retry: 5, id: "1" }, { data: null }, { event: "a", id: "", text: "x\r\ny" }, {}];
    await source.emit(...events);
    await source.comment("hi");
    await source.raw(new Uint8Array([0xe2, 0x82]));
    await source.raw(new Uint8Array([0xac]));
    await source.end();
    expect(await (await response).text()).toBe(
      "retry: 5\nid: 1\n\ndata: null\n\nid: \nevent: a\ndata: x\ndata: y\n\n\n\n: hi\n\n€",
    );
  });

  test("several events come in one chunk and are shown in one frame", async () => {
    const { source, client, received } = createStory();
    await source.open();
    const onChange = vi.fn();
    client.channel("a").latest.subscribe(onChange);
    await source.emit({ event: "a", data: 1 }, { event: "a", data: 2 }, { event: "a", data: 3 });
    expect(received).toEqual([1, 2, 3]);
    expect(onChange).toHaveBeenCalledOnce();
  });

  test("controls act in order without being awaited", async () => {
    const { source, client, received } = createStory();
    await source.open();
    void source.emit("a", 1);
    void source.emit("a", 2);
    await source.drop();
    expect(received).toEqual([1, 2]);
    expect(client.status.get().status).toBe("reconnecting");
  });

  test.each([1, 2, 3, 7, "every-byte" as const])("cuts what follows into chunks of %s", async (size) => {
    const { source, client, received } = createStory();
    await source.open();
    source.splitChunks(size);
    await source.raw('\uFEFFevent: a\r\nid: ä€\r\ndata: "€😀"\r\n\r\n');
    source.splitChunks(null);
    await source.emit("a", 2);
    expect(received).toEqual(["€😀", 2]);
    expect(client.status.get().lastEventId).toBe("ä€");
  });

  test("stalls without an error, until it is dropped", async () => {
    const { source, client, received } = createStory();
    await source.open();
    source.stall();
    await source.emit("a", 1);
    await source.end();
    expect(received).toEqual([]);
    expect(client.status.get().status).toBe("open");
    await source.drop();
    expect(client.status.get().status).toBe("reconnecting");
    await source.open();
    await source.emit("a", 2);
    expect(received).toEqual([2]);
  });

  test("ends cleanly, after what was sent", async () => {
    const { source, client, received } = createStory();
    await source.open();
    void source.emit("a", 1);
    await source.end();
    expect(received).toEqual([1]);
    expect(client.status.get().cause).toMatchObject({ code: "ended" });
  });

  test("says hello as a server of the contract, for a first and for a returning client", async () => {
    const { source, client, received } = createStory();
    await source.open();
    await source.hello({ pos: "4" });
    expect(client.status.get()).toMatchObject({ resume: { type: "fresh" }, lastEventId: "fake01.4" });
    await source.emit({ event: "a", id: "fake01.5", data: 5 });
    await source.drop();
    await source.open();
    await source.hello();
    await source.emit({ event: "a", id: "fake01.5", data: "again" }, { event: "a", id: "fake01.6", data: 6 });
    expect(client.status.get().resume).toEqual({ type: "resumed" });
    expect(received).toEqual([5, 6]);
  });
});

// SPEC 110
describe("the machine of a fake source", () => {
  test("tells page events and what the browser believes", async () => {
    const { environment, ...source } = createFakeSource();
    const heard: string[] = [];
    const end = environment.onPageEvent((event) =>
      heard.push(`${event} ${environment.isOnline()} ${environment.isHidden()}`),
    );
    await source.goOffline();
    await source.goOnline();
    await source.hide();
    await source.show();
    await source.leave();
    await source.return();
    await source.resume();
    expect(heard).toEqual([
      "offline false false",
      "online true false",
      "visibilitychange true true",
      "visibilitychange true false",
      "pagehide true false",
      "pageshow true false",
      "resume true false",
    ]);
    expect(source.leaks().listeners).toBe(1);
    end();
    await source.hide();
    expect(heard).toHaveLength(7);
    expect(source.leaks()).toEqual(nothing);
  });

  test("a listener that another one removes hears nothing more", async () => {
    const { environment, hide } = createFakeSource();
    const second = vi.fn();
    environment.onPageEvent(() => end());
    const end = environment.onPageEvent(second);
    await hide();
    expect(second).not.toHaveBeenCalled();
  });

  test("draws a frame every 16 ms, or when everything settles", async () => {
    const { environment, clock, settle, leaks } = createFakeSource();
    const draw = vi.fn();
    environment.requestFlush(draw);
    expect(leaks()).toEqual({ ...nothing, flushes: 1 });
    await clock.advance(15);
    expect(draw).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(draw).toHaveBeenCalledOnce();
    environment.requestFlush(draw);
    await settle();
    await clock.advance(100);
    expect(draw).toHaveBeenCalledTimes(2);
    expect(leaks()).toEqual(nothing);
  });

  test("settling includes what a frame sets going", async () => {
    const { environment, settle } = createFakeSource();
    const then = vi.fn();
    environment.requestFlush(() => void Promise.resolve().then(() => environment.setTimer(then, 0)));
    await settle();
    expect(then).toHaveBeenCalledOnce();
  });

  test("random numbers are the same for the same seed, other for another, or one that is set", () => {
    const draw = (seed?: number) => {
      const { environment } = createFakeSource({ seed });
      return Array.from({ length: 100 }, environment.random);
    };
    expect(draw()).toEqual(draw(1));
    expect(draw(2)).not.toEqual(draw(1));
    expect(draw().every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(draw()).size).toBe(100);
    const { environment, setRandom } = createFakeSource();
    setRandom(0.25);
    expect([environment.random(), environment.random()]).toEqual([0.25, 0.25]);
    setRandom(null);
    expect(environment.random()).not.toBe(0.25);
  });

  test("sleeping runs nothing until the next control", async () => {
    const { source, client } = createStory();
    source.setRandom(0.5);
    await source.open();
    await source.drop();
    source.sleep(3_600_000);
    expect(source.requests).toHaveLength(1);
    await source.resume();
    expect(source.requests).toHaveLength(2);
    expect(client.status.get().status).toBe("reconnecting");
  });

  test("as a server's rendering it connects nothing", async () => {
    const source = createFakeSource({ isServer: true });
    createSSEClient({ url, environment: source.environment })
      .channel("a")
      .on(() => {});
    await source.advance(1_000);
    expect(source.requests).toEqual([]);
  });

  test("nothing is left once the client is closed, in whatever state it was", async () => {
    const waiting = createStory();
    await waiting.source.settle();
    expect(waiting.source.leaks().streams).toBe(1);
    const open = createStory();
    await open.source.open();
    await open.source.emit("a", 1);
    const lost = createStory();
    await lost.source.refuse();
    for (const { client, source } of [waiting, open, lost]) {
      client.close();
      expect(source.leaks()).toMatchObject({ timers: 0, streams: 0 });
      await source.settle();
      expect(source.leaks()).toEqual(nothing);
    }
    expect(waiting.source.requests[0]?.aborted).toBe(true);
    expect(open.source.requests[0]?.aborted).toBe(true);
    expect(lost.source.requests[0]?.aborted).toBe(false);
  });

  test("nothing is left once the last subscriber has gone either", async () => {
    const { source, leave } = createStory();
    await source.open();
    leave();
    await source.advance(60_000);
    expect(source.leaks()).toEqual(nothing);
  });

  test("an abort reaches a request that waits and a body that is read, with its reason", async () => {
    const { environment, open, emit } = createFakeSource();
    const reason = new Error("enough");
    await expect(environment.fetch(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const request = environment.fetch(url, { signal: controller.signal });
    await open();
    const reader = (await request).body!.getReader();
    void emit("a", 1);
    await reader.read();
    const rest = reader.read();
    controller.abort(reason);
    await expect(rest).rejects.toBe(reason);
  });

  test("cancelling a body is giving up its request", async () => {
    const { environment, open, requests, leaks } = createFakeSource();
    const request = environment.fetch(url);
    await open();
    await (await request).body!.cancel();
    expect(requests[0]?.aborted).toBe(true);
    expect(leaks()).toEqual(nothing);
  });

  test("works while a framework's fake timers are installed", async () => {
    vi.useFakeTimers();
    const { source, client, received } = createStory();
    await source.open();
    await source.emit({ event: "a", id: "1", data: 1 });
    await source.drop();
    await source.open();
    await source.emit("a", 2);
    expect(received).toEqual([1, 2]);
    client.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
