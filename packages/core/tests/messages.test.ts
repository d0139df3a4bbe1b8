import { runInNewContext } from "node:vm";
import * as v from "valibot";
import { describe, expect, test, vi } from "vitest";
import { defineChannels, type SSEMessage, type } from "../src/index.ts";
import { createTestClient, frame, hello } from "./support/test-client.ts";

const Price = v.object({ symbol: v.string(), price: v.number() });
const channels = defineChannels({
  prices: { event: "price", schema: Price, key: (price) => price.symbol },
  alerts: type<string>(),
});
const price = (symbol: string, value: number, id?: string) => frame("price", { symbol, price: value }, id);

// SPEC 30
describe("delivery", () => {
  test("a handler gets every message, at once and in order, also equal ones in one chunk", async () => {
    const { client, environment, open } = createTestClient({ channels });
    const heard: number[] = [];
    client.channel("prices").on(({ data }) => heard.push(data.price));
    const request = await open();
    request.push(price("A", 1) + price("A", 1) + price("A", 2));
    await environment.clock.advanceAsync(0);
    expect(heard).toEqual([1, 1, 2]);
    expect(client.channel("prices").latest.get()).toBeNull();
    environment.flush();
    expect(client.channel("prices").latest.get()?.data.price).toBe(2);
  });

  test("a message says where it came from and when", async () => {
    const { client, environment, open, settle } = createTestClient({ channels });
    const heard: SSEMessage<unknown>[] = [];
    client.channel("prices").on((message) => heard.push(message));
    const request = await open();
    environment.clock.sleep(5);
    request.push(price("A", 1, "7") + price("B", 2));
    await settle();
    const common = { channel: "prices", event: "price", lastEventId: "7", receivedAt: 5, replayed: false };
    expect(heard).toEqual([
      { ...common, id: "7", data: { symbol: "A", price: 1 } },
      { ...common, id: undefined, data: { symbol: "B", price: 2 } },
    ]);
  });

  test("a channel is fed before anyone asks for it, so that whoever comes later finds its history", async () => {
    const { client, open, settle } = createTestClient({ channels });
    client.retain();
    (await open()).push(price("A", 1) + price("B", 2) + price("A", 3));
    await settle();
    expect(
      client
        .channel("prices")
        .history.get()
        .map(({ data }) => data.price),
    ).toEqual([1, 2, 3]);
    expect([...client.channel("prices").state.get()]).toEqual([
      ["A", { symbol: "A", price: 3 }],
      ["B", { symbol: "B", price: 2 }],
    ]);
  });

  test("without definitions every event name is a channel, its data JSON or text", async () => {
    const { client, open, settle } = createTestClient();
    const { view } = client;
    const heard: unknown[] = [];
    client.channel("message").on(({ data }) => heard.push(data));
    client.channel("other").on(({ data }) => heard.push(data));
    (await open()).push('data: {"a":1}\n\ndata: plain\n\nevent: other\ndata: 5\n\nevent: unheard\ndata: 6\n\n');
    await settle();
    expect(heard).toEqual([{ a: 1 }, "plain", 5]);
    expect(view.get().messages.map(({ channel }) => channel)).toEqual(["message", "message", "other", "unheard"]);
  });

  test("a view has the messages since it was first looked at", async () => {
    const { client, open, settle } = createTestClient();
    client.retain();
    const request = await open();
    request.push("data: 1\n\n");
    await settle();
    expect(client.view.get().messages).toEqual([]);
    request.push("data: 2\n\n");
    await settle();
    expect(client.view.get()).toMatchObject({ status: "open", data: 2, messages: [{ data: 2 }] });
  });

  test("an unknown channel is refused with the ones there are; an unknown event is counted", async () => {
    const { client, open, settle } = createTestClient({ channels });
    expect(() => client.channel("price" as never)).toThrow(
      expect.objectContaining({ code: "unknown-channel", message: expect.stringContaining("prices,alerts") }),
    );
    client.retain();
    (await open()).push(frame("nobody", 1));
    await settle();
    expect(client.stats.get()).toMatchObject({ unknown: 1, messages: 0 });
  });

  test("the same name gives the same channel", () => {
    const { client } = createTestClient({ channels });
    expect(client.channel("prices")).toBe(client.channel("prices"));
  });
});

// SPEC 31
describe("messages that cannot be decoded", () => {
  test("are reported and counted, do not stop the stream and move the cursor", async () => {
    const onError = vi.fn();
    const { client, environment, open, settle } = createTestClient({ channels, onError });
    environment.setRandom(0);
    const heard: unknown[] = [];
    client.channel("prices").on(({ data }) => heard.push(data.price));
    const request = await open();
    request.push(`event: price\ndata: {"symbol"\nid: 1\n\n${frame("price", { symbol: 7 }, "2")}`);
    await settle();
    expect(onError.mock.calls.map(([error]) => error)).toEqual([
      expect.objectContaining({ code: "decode", channel: "prices", id: "1", raw: '{"symbol"' }),
      expect.objectContaining({
        code: "decode",
        id: "2",
        raw: '{"symbol":7}',
        issues: expect.arrayContaining([expect.objectContaining({ message: expect.any(String) })]),
      }),
    ]);
    expect(client.channel("prices").view.get().error).toMatchObject({ code: "decode", id: "2" });
    expect(client.stats.get()).toMatchObject({ invalid: 2, messages: 0 });
    request.push(price("A", 3));
    await settle();
    expect(heard).toEqual([3]);
    expect(client.channel("prices").view.get().error).toBeNull();
    request.end();
    await settle();
    await environment.clock.advanceAsync(0);
    expect((await open()).headers.get("last-event-id")).toBe("2");
  });

  test("a schema or a key that throws harms only its message", async () => {
    const reportError = vi.fn();
    vi.stubGlobal("reportError", reportError);
    const onError = vi.fn();
    const { client, open, settle } = createTestClient({
      onError,
      channels: defineChannels({
        a: {
          schema: {
            "~standard": {
              version: 1,
              vendor: "test",
              validate() {
                throw new Error("schema");
              },
            },
          },
        },
        b: {
          ...type<{ id: string }>(),
          key() {
            throw new Error("key");
          },
        },
      }),
    });
    client.retain();
    (await open()).push(frame("a", 1) + frame("b", { id: "x" }));
    await settle();
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: "decode", cause: new Error("schema") }),
    );
    expect(reportError).toHaveBeenCalledExactlyOnceWith(new Error("key"));
    expect(client.channel("b").latest.get()?.data).toEqual({ id: "x" });
    vi.unstubAllGlobals();
  });
});

// SPEC 32
describe("asynchronous schemas", () => {
  const pending: (() => void)[] = [];
  const slow = defineChannels({
    slow: {
      schema: v.pipeAsync(
        v.number(),
        v.checkAsync((value) => new Promise((resolve) => pending.push(() => resolve(value !== 13))), "unlucky"),
      ),
    },
    fast: type<number>(),
  });

  test("keep the order over all channels", async () => {
    const { client, open, settle } = createTestClient({ channels: slow });
    const heard: unknown[] = [];
    client.channel("slow").on(({ data }) => heard.push(data));
    client.channel("fast").on(({ data }) => heard.push(data));
    (await open()).push(frame("slow", 1) + frame("fast", 2) + frame("slow", 13) + frame("fast", 3));
    await settle();
    expect(heard).toEqual([]);
    while (pending.length > 0) {
      pending.shift()?.();
      await settle();
    }
    expect(heard).toEqual([1, 2, 3]);
    expect(client.stats.get()).toMatchObject({ messages: 3, invalid: 1 });
  });

  test("may answer with a promise of another realm", async () => {
    const validate = (value: unknown) => runInNewContext("Promise.resolve({ value })", { value });
    const foreign = defineChannels({ a: { schema: { "~standard": { version: 1, vendor: "test", validate } } } });
    const { client, open, settle } = createTestClient({ channels: foreign });
    const heard: unknown[] = [];
    client.channel("a").on(({ data }) => heard.push(data));
    (await open()).push(frame("a", 1));
    await settle();
    expect(heard).toEqual([1]);
  });

  test("a message without an id that is discarded does not take back the position hello gave", async () => {
    const { client, open, settle } = createTestClient({ channels: slow });
    client.channel("slow").on(() => {});
    (await open()).push(hello({ pos: "9" }) + frame("slow", 1));
    await settle();
    client.disconnect();
    expect(client.status.get().lastEventId).toBe("abc123.9");
    pending.shift()?.();
    await settle();
  });

  test("what is still being decoded at disconnect is delivered once connected again, before anything else", async () => {
    const { client, open, settle } = createTestClient({ channels: slow });
    const heard: unknown[] = [];
    client.channel("slow").on(({ data }) => heard.push(data));
    (await open()).push(
      `${frame("fast", 0, "1")}${frame("slow", 1, "2")}${frame("slow", 2, "3")}${frame("fast", 3, "4")}`,
    );
    await settle();
    pending.shift()?.();
    await settle();
    expect(heard).toEqual([1]);
    client.disconnect();
    pending.shift()?.();
    await settle();
    expect(heard).toEqual([1]);
    client.connect();
    const next = await open();
    expect(next.headers.get("last-event-id")).toBe("4");
    next.push(frame("slow", 4, "5"));
    await settle();
    while (pending.length > 0) {
      pending.shift()?.();
      await settle();
    }
    expect(heard).toEqual([1, 2, 4]);
  });
});

// SPEC 33
describe("flushes", () => {
  test("5,000 messages in one frame are one change for subscribers, and every one for a handler", async () => {
    const { client, environment, open } = createTestClient({ channels, retain: { prices: 10 } });
    const onChange = vi.fn();
    const heard = vi.fn();
    client.channel("prices").view.subscribe(onChange);
    client.channel("prices").on(heard);
    const request = await open();
    onChange.mockClear();
    for (let chunk = 0; chunk < 50; chunk++)
      request.push(Array.from({ length: 100 }, (_, index) => price("A", chunk * 100 + index)).join(""));
    await environment.clock.advanceAsync(0);
    const before = client.channel("prices").view.get();
    expect(client.channel("prices").view.get()).toBe(before);
    environment.flush();
    expect(onChange).toHaveBeenCalledOnce();
    expect(heard).toHaveBeenCalledTimes(5_000);
    const { history } = client.channel("prices").view.get();
    expect(history.map(({ data }) => data.price)).toEqual(Array.from({ length: 10 }, (_, index) => 4_990 + index));
  });

  test("messages without ids do not touch the status", async () => {
    const { client, open, settle } = createTestClient({ channels });
    client.retain();
    const request = await open();
    request.push(price("A", 1));
    await settle();
    const before = client.status.get();
    request.push(price("A", 2) + price("A", 3));
    await settle();
    expect(client.status.get()).toBe(before);
  });

  test("a published state is never changed afterwards", async () => {
    const { client, open, settle } = createTestClient({ channels });
    client.retain();
    const request = await open();
    request.push(price("A", 1));
    await settle();
    const first = client.channel("prices").state.get();
    request.push(frame("alerts", "x"));
    await settle();
    expect(client.channel("prices").state.get()).toBe(first);
    request.push(price("A", 2));
    await settle();
    expect(first.get("A")?.price).toBe(1);
    expect(client.channel("prices").state.get().get("A")?.price).toBe(2);
  });
});

// SPEC 34
describe("what a component shows of a channel", () => {
  test("is loading until the connection has been open, then empty, then data", async () => {
    const { client, open, settle } = createTestClient({ channels });
    const { view } = client.channel("prices");
    expect(view.getServer()).toEqual({
      data: undefined,
      message: null,
      dropped: 0,
      history: [],
      gap: null,
      loading: true,
      error: null,
    });
    view.subscribe(() => {});
    expect(view.get().loading).toBe(true);
    const request = await open();
    expect(view.get()).toMatchObject({ loading: false, data: undefined });
    request.push(price("A", 1));
    await settle();
    expect(view.get()).toMatchObject({ loading: false, data: { symbol: "A", price: 1 } });
  });

  test("is an error once the connection is closed for one", async () => {
    const { client, harness, settle } = createTestClient({ channels });
    const { view } = client.channel("prices");
    view.subscribe(() => {});
    const request = await harness.nextRequest();
    request.respond({ status: 404 });
    request.push("no such stream");
    request.end();
    await settle();
    expect(view.get()).toMatchObject({ loading: false, error: { code: "http", status: 404, body: "no such stream" } });
  });
});

// SPEC 42
describe("the contract", () => {
  test("a fresh stream without a replay starts at the position hello tells, even if it dies before any id", async () => {
    const { client, environment, open, settle } = createTestClient({ channels });
    environment.setRandom(0);
    client.retain();
    const request = await open();
    request.push(hello({ pos: "2s" }));
    await settle();
    expect(client.status.get()).toMatchObject({ resume: { type: "fresh" }, lastEventId: "abc123.2s" });
    request.breakBody();
    await settle();
    await environment.clock.advanceAsync(0);
    expect((await open()).headers.get("last-event-id")).toBe("abc123.2s");
  });

  test("a fresh stream that replays, and one with a gap, move the cursor only with what is received", async () => {
    for (const details of [{ replayed: 2 }, { resume: "gap" }]) {
      const { client, open, settle } = createTestClient({ channels });
      client.retain();
      (await open()).push(hello({ pos: "9", ...details }));
      await settle();
      expect(client.status.get().lastEventId).toBe("");
    }
  });

  // SPEC 45
  test("a first snapshot is delivered when all of it is there; one that breaks off was never there", async () => {
    const { client, environment, open, settle } = createTestClient({ channels });
    environment.setRandom(0);
    const heard: unknown[] = [];
    client.channel("prices").on(({ data, id, replayed }) => heard.push([data.price, id, replayed]));
    const broken = await open();
    broken.push(hello({ pos: "9", replayed: 2 }) + price("A", 1, "abc123.2"));
    await settle();
    expect(heard).toEqual([]);
    broken.breakBody();
    await settle();
    await environment.clock.advanceAsync(0);
    const whole = await open();
    expect(whole.headers.get("last-event-id")).toBeNull();
    whole.push(hello({ pos: "b", replayed: 2 }) + price("A", 1, "abc123.2") + price("B", 2, "abc123.7"));
    await settle();
    expect(heard).toEqual([]);
    whole.push(`id: abc123.b\n\n${price("A", 3, "abc123.c")}`);
    await settle();
    expect(heard).toEqual([
      [1, "abc123.2", true],
      [2, "abc123.7", true],
      [3, "abc123.c", false],
    ]);
    expect(client.status.get()).toMatchObject({ lastEventId: "abc123.c", resume: { type: "fresh" } });
  });

  test("a first snapshot of a log whose positions are opaque is complete at its last id", async () => {
    const { client, open, settle } = createTestClient({ channels });
    const heard: number[] = [];
    client.channel("prices").on(({ data }) => heard.push(data.price));
    (await open()).push(
      `${hello({ pos: "5_7", replayed: 1 })}${price("A", 1, "abc123.4_7")}id: abc123.5_7\n\n${price("A", 2, "abc123.5_8")}`,
    );
    await settle();
    expect(heard).toEqual([1, 2]);
  });

  test("closing among the messages of a first snapshot keeps the position reached", async () => {
    const { client, open, settle } = createTestClient({ channels });
    const heard: number[] = [];
    client.channel("prices").on(({ data }) => {
      heard.push(data.price);
      if (data.price === 1) client.close();
    });
    (await open()).push(`${hello({ pos: "9", replayed: 2 })}${price("A", 1, "abc123.2")}${price("B", 2, "abc123.9")}`);
    await settle();
    expect(heard).toEqual([1]);
    client.connect();
    expect((await open()).headers.get("last-event-id")).toBe("abc123.2");
  });

  // SPEC 41
  test("what was received before is counted and not delivered again", async () => {
    const { client, open, settle } = createTestClient({ channels });
    const heard: number[] = [];
    client.channel("prices").on(({ data }) => heard.push(data.price));
    const request = await open();
    request.push(hello() + price("A", 1, "abc123.1") + price("A", 2, "abc123.2"));
    request.push(price("A", 1, "abc123.1") + price("A", 2, "abc123.2") + price("A", 3, "abc123.3"));
    await settle();
    expect(heard).toEqual([1, 2, 3]);
    expect(client.stats.get().duplicates).toBe(2);
    expect(client.status.get().lastEventId).toBe("abc123.3");
  });

  // SPEC 41
  test("the same position in a new epoch is delivered", async () => {
    const { client, open, settle } = createTestClient({ channels });
    const heard: number[] = [];
    client.channel("prices").on(({ data }) => heard.push(data.price));
    (await open()).push(hello() + price("A", 1, "abc123.1") + price("A", 2, "def456.1"));
    await settle();
    expect(heard).toEqual([1, 2]);
  });

  test("messages up to hello's position are marked as replayed", async () => {
    const { client, open, settle } = createTestClient({ channels });
    const heard: boolean[] = [];
    client.channel("prices").on(({ replayed }) => heard.push(replayed));
    (await open()).push(
      hello({ pos: "2", resume: "resumed", replayed: 2 }) +
        [1, 2, 3, 4].map((id) => price("A", id, `abc123.${id}`)).join(""),
    );
    await settle();
    expect(heard).toEqual([true, true, false, false]);
    expect(client.status.get().resume).toEqual({ type: "replayed", count: 2 });
  });

  test("a gap is told to its channels, counted, and shown in the state", async () => {
    const { client, open, settle } = createTestClient({ channels });
    client.channel("prices").on(() => {});
    const lost = { channels: ["prices"], reason: "trimmed", from: "abc123.1", to: "abc123.9" };
    (await open()).push(hello({ resume: "gap" }) + frame("sse.gap", lost));
    await settle();
    expect(client.channel("prices").gap.get()).toEqual(lost);
    expect(client.channel("alerts").gap.get()).toBeNull();
    expect(client.status.get().resume).toEqual({ type: "gap", ...lost });
    expect(client.stats.get().gaps).toBe(1);
  });

  test("an id without data moves the cursor and delivers nothing", async () => {
    const { client, open, settle } = createTestClient({ channels });
    client.retain();
    (await open()).push(`${hello()}id: abc123.z\n\n`);
    await settle();
    expect(client.status.get().lastEventId).toBe("abc123.z");
    expect(client.stats.get().messages).toBe(0);
  });

  test("an unreadable control event is reported; an unknown one is left alone", async () => {
    const onError = vi.fn();
    const { client, open, settle } = createTestClient({ channels, onError });
    client.retain();
    (await open()).push(`event: sse.hello\ndata: {\n\n${hello()}${frame("sse.future", 1)}`);
    await settle();
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "decode", raw: "{" }));
    expect(client.stats.get().unknown).toBe(0);
    expect(client.status.get().status).toBe("open");
  });

  test("a server that never said hello may name its events as it likes", async () => {
    const { client, open, settle } = createTestClient();
    const heard = vi.fn();
    client.channel("sse.mine").on(heard);
    (await open()).push(frame("sse.mine", 1));
    await settle();
    expect(heard).toHaveBeenCalledOnce();
  });

  test("where the contract is known, a connection is open from its first byte on", async () => {
    const { client, open, settle } = createTestClient({ channels, contract: true });
    client.retain();
    const request = await open();
    expect(client.status.get().status).toBe("connecting");
    request.push(":\n");
    await settle();
    expect(client.status.get().status).toBe("open");
  });
});
