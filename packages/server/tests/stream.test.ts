import { describe, expect, it, vi } from "vitest";
import { createHub, defineChannels, type } from "../src/index.ts";
import { createFakeResponse, streamRequest } from "./support/fake-response.ts";
import { connect, createTestHub } from "./support/test-hub.ts";

function publishAll(hub: ReturnType<typeof createTestHub>["hub"], channel: string, values: readonly unknown[]) {
  for (const value of values) void hub.publish(channel, value);
}

describe("a new stream", () => {
  // SPEC 6, 19, 20, 34
  it("begins with retry, hello and its position, in one write", () => {
    const { hub } = createTestHub({ channels: defineChannels({ a: {}, "chat/*": {} }) });
    const { res } = connect(hub);
    expect(res.writes).toHaveLength(1);
    expect(res.text).toBe(
      'retry: 3000\n\nevent: sse.hello\ndata: {"conn":"conn-1","epoch":"epoch0","pos":"0","heartbeatMs":15000,' +
        '"channels":["a","chat/*"],"resume":"fresh","replayed":0}\n\nid: epoch0.0\n\n',
    );
  });

  // SPEC 6
  it("begins with a comment of the asked size", () => {
    const { hub } = createTestHub({ padding: 2_048 });
    const { res } = connect(hub);
    expect(res.text.indexOf("retry:")).toBe(2_048);
    expect(res.text.startsWith(":")).toBe(true);
  });

  // SPEC 34
  it("draws its reconnection delay from the range", () => {
    for (const [random, retry] of [
      [0, 100],
      [0.999, 200],
    ] as const) {
      const { hub } = createTestHub({ retryMs: [100, 200] }, () => random);
      expect(connect(hub).parse().retry).toBe(retry);
    }
  });

  // SPEC 28
  it("does not look at the channels of the hub when none has first messages", () => {
    for (const [initial, looks] of [
      [{ "channel/*": "none" }, false],
      [{ "channel/*": "last" }, true],
    ] as const) {
      const { hub } = createTestHub({ initial });
      for (let index = 0; index < 200; index++) void hub.publish(`channel/${index}`, index);
      const split = vi.spyOn(String.prototype, "split");
      connect(hub);
      expect(split.mock.calls.length > 100).toBe(looks);
      split.mockRestore();
    }
  });

  // SPEC 19
  it("is told the head of that very moment, even with events still unwritten", () => {
    const { hub, environment } = createTestHub();
    const early = connect(hub);
    publishAll(hub, "a", [1, 2]);
    const late = connect(hub);
    publishAll(hub, "a", [3]);
    environment.endTick();
    expect(late.hello()).toMatchObject({ resume: "fresh", replayed: 0, pos: "2" });
    expect(late.received().map(({ json }) => json)).toEqual([3]);
    expect(early.received().map(({ json }) => json)).toEqual([1, 2, 3]);
  });

  // SPEC 32
  it.each([
    ["", undefined, ["chat/*", "orders/**", "price"]],
    ["?channels=price", undefined, ["price"]],
    ["?channels=price,chat%2F7&channels=nope", undefined, ["chat/7", "price"]],
    ["?channels=", undefined, []],
    ["?channels=sse.x,@user/1,%0a", undefined, []],
    ["?channels=**", undefined, ["chat/*", "orders/**", "price"]],
    ["", ["price"], ["price"]],
    ["?channels=price,chat/1", ["chat/1", "chat/2"], ["chat/1"]],
    ["?channels=orders/**", ["orders/7/*"], ["orders/7/*"]],
    ["?channels=orders/7/lines", ["orders/7/*"], ["orders/7/lines"]],
  ])("for %s authorised for %j listens to %j", (query, channels, expected) => {
    const { hub, environment } = createTestHub({
      channels: defineChannels({ price: {}, "chat/*": {}, "orders/**": {} }),
    });
    const stream = connect(hub, query, undefined, channels && { channels });
    expect(stream.hello()).toMatchObject({ channels: expected });
    const names = ["price", "chat/1", "chat/7", "orders/7/lines"];
    for (const name of names) void hub.publish(name, name);
    environment.endTick();
    const covered = (name: string) =>
      expected.some((own) => own === name || (own.includes("*") && name.startsWith(own.slice(0, own.indexOf("*")))));
    expect(stream.received().map(({ event }) => event)).toEqual(names.filter(covered));
  });

  // SPEC 9, 32
  it("gets the event name of the definition", () => {
    const { hub, environment } = createTestHub({
      channels: defineChannels({ "stock-updates": { event: "stock_update" } }),
    });
    const stream = connect(hub, "?channels=stock-updates");
    void hub.publish("stock-updates", 1);
    environment.endTick();
    expect(stream.received()).toMatchObject([{ event: "stock_update", id: "epoch0.1" }]);
  });

  // SPEC 30
  it("is not opened for a client that has already left", () => {
    const { hub, environment } = createTestHub();
    const res = createFakeResponse();
    res.leave();
    connect(hub, "", undefined, undefined, res);
    expect(hub.connectionCount).toBe(0);
    expect(environment.pending).toBe(0);
    expect(res.writes).toEqual([]);
  });

  // SPEC 30
  it("leaves nothing behind when the response cannot be used", () => {
    const { hub, environment } = createTestHub();
    const res = createFakeResponse();
    res.setHeader = () => {
      throw new Error("headers sent");
    };
    expect(() => hub.node(streamRequest(), res)).toThrow("headers sent");
    void hub.publish("a", 1);
    expect(hub.connectionCount).toBe(0);
    expect(environment.pending).toBe(0);
    expect(res.listeners).toBe(0);
  });

  // SPEC 31
  it.each([
    ["PUT", "text/event-stream", 405],
    ["HEAD", "text/event-stream", 405],
    ["OPTIONS", "*/*", 405],
    ["POST", "*/*", 405],
    ["DELETE", "application/json", 405],
  ])("is refused for %s with %s: %s", async (method, accept, status) => {
    const { hub } = createTestHub();
    const res = createFakeResponse();
    hub.node({ ...streamRequest(), method, headers: { accept } }, res);
    expect(res.statusCode).toBe(status);
    expect(res.headers.get("allow")).toBe("GET, POST");
    const answer = await hub.fetch(new Request("http://x/", { method, headers: { accept } }));
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(/event stream/);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 31
  it.each([
    ["POST", "text/event-stream"],
    ["GET", "*/*"],
    ["GET", "application/json, text/event-stream"],
  ])("is opened for %s with %s", (method, accept) => {
    const { hub } = createTestHub();
    const res = createFakeResponse();
    hub.node({ ...streamRequest(), method, headers: { accept } }, res);
    expect(hub.connectionCount).toBe(1);
  });

  // SPEC 5
  it("lets the caller's headers win, except the content type", () => {
    const hub = createHub();
    const res = createFakeResponse();
    res.setHeader("x-accel-buffering", "yes");
    hub.node(streamRequest(), res, {
      headers: { "Cache-Control": "private", "Content-Type": "text/plain", "X-Own": "1" },
    });
    expect(Object.fromEntries(res.headers)).toEqual({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "private",
      "x-accel-buffering": "yes",
      "x-own": "1",
    });
    res.leave();
  });
});

describe("first messages", () => {
  const channels = defineChannels({
    stock: { ...type<{ symbol: string; price: number }>(), key: (stock) => stock.symbol },
    news: type<number>(),
    quiet: type<number>(),
  });

  // SPEC 21
  it("are the newest event of a channel, or the newest per key, in log order", () => {
    const { hub } = createTestHub({ channels, initial: { stock: "last", news: "last" } });
    publishAll(hub, "stock", [
      { symbol: "A", price: 1 },
      { symbol: "B", price: 1 },
      { symbol: "A", price: 2 },
    ]);
    publishAll(hub, "news", [1, 2]);
    publishAll(hub, "stock", [{ symbol: "C", price: 1 }]);
    publishAll(hub, "quiet", [1]);
    const stream = connect(hub);
    expect(stream.hello()).toMatchObject({ resume: "fresh", replayed: 4, pos: "7" });
    expect(stream.received().map(({ id }) => id)).toEqual(["epoch0.2", "epoch0.3", "epoch0.5", "epoch0.6"]);
    expect(stream.parse().lastEventId).toBe("epoch0.7");
  });

  // SPEC 21
  it("are as many as asked for", () => {
    const { hub } = createTestHub({ channels, initial: 2 });
    publishAll(hub, "news", [1, 2, 3]);
    expect(
      connect(hub)
        .received()
        .map(({ json }) => json),
    ).toEqual([2, 3]);
  });

  // SPEC 21
  it("do not come to a stream that has a position", () => {
    const { hub } = createTestHub({ channels, initial: "last" });
    publishAll(hub, "news", [1]);
    const stream = connect(hub, "", "epoch0.1");
    expect(stream.received()).toEqual([]);
    expect(stream.hello()).toMatchObject({ resume: "resumed", replayed: 0 });
  });

  // SPEC 21, 22
  it("are the newest of all channels when there are more than a replay may have", () => {
    const { hub } = createTestHub({ initial: 10, replayMax: 3 });
    publishAll(hub, "a", [1, 2, 3, 4]);
    publishAll(hub, "b", [5]);
    expect(
      connect(hub)
        .received()
        .map(({ json }) => json),
    ).toEqual([3, 4, 5]);
  });

  // SPEC 21
  it("are all sent before live events when they take several writes", () => {
    const { hub, environment } = createTestHub({
      initial: 100,
      slow: { maxBufferedBytes: 10_000 },
      maxEventBytes: 100_000,
    });
    publishAll(
      hub,
      "a",
      Array.from({ length: 10 }, (_, index) => String(index).repeat(20_000)),
    );
    const res = createFakeResponse();
    res.stalled = true;
    const stream = connect(hub, "", undefined, undefined, res);
    publishAll(hub, "a", ["live"]);
    environment.endTick();
    expect(stream.received().length).toBeLessThan(10);
    expect(stream.parse().lastEventId).toBe(`epoch0.${stream.received().length}`);
    res.drain();
    expect(stream.received().map(({ id }) => id)).toEqual([..."123456789ab"].map((pos) => `epoch0.${pos}`));
    expect(stream.gaps()).toEqual([]);
  });
});

describe("a resumed stream", () => {
  // SPEC 13, 16
  it("gets what it missed, from the header or the query, the header first", () => {
    const { hub } = createTestHub();
    publishAll(hub, "a", [1, 2, 3]);
    const values = (query: string, header?: string) =>
      connect(hub, query, header)
        .received()
        .map(({ json }) => json);
    expect(values("", "epoch0.1")).toEqual([2, 3]);
    expect(values("?lastEventId=epoch0.2")).toEqual([3]);
    expect(values("?last_event_id=epoch0.2")).toEqual([3]);
    expect(values("?lastEventId=epoch0.2", "epoch0.0")).toEqual([1, 2, 3]);
    expect(values("?lastEventId=epoch0.2", "")).toEqual([3]);
    expect(connect(hub, "", "epoch0.1").hello()).toMatchObject({ resume: "resumed", replayed: 2, pos: "3" });
  });

  // SPEC 20
  it("gets its new position only after everything missed", () => {
    const { hub } = createTestHub();
    publishAll(hub, "a", [1, 2]);
    publishAll(hub, "b", [3]);
    const { res } = connect(hub, "?channels=a", "epoch0.0");
    expect(res.text.indexOf("id: epoch0.2\n")).toBeGreaterThan(0);
    expect(res.text.endsWith("\n\nid: epoch0.3\n\n")).toBe(true);
  });

  // SPEC 16
  it("loses nothing on a quiet channel while another one overflows", () => {
    const { hub, environment } = createTestHub({ history: { size: 5 } });
    publishAll(hub, "quiet", [1]);
    for (let index = 0; index < 10_000; index++) void hub.publish("chatty", index);
    const stream = connect(hub, "?channels=quiet", "epoch0.0");
    environment.endTick();
    expect(stream.gaps()).toEqual([]);
    expect(stream.received().map(({ json }) => json)).toEqual([1]);
  });

  // SPEC 17, 18
  it("is told once which channel was trimmed, gets none of it, and all of the others", () => {
    const { hub, environment } = createTestHub({ history: { size: 2 } });
    publishAll(hub, "a", [1, 2, 3]);
    publishAll(hub, "b", ["x"]);
    const stream = connect(hub, "?channels=a,b", "epoch0.0");
    void hub.publish("a", 4);
    environment.endTick();
    expect(stream.gaps()).toEqual([{ channels: ["a"], reason: "trimmed", from: "epoch0.0", to: "epoch0.4" }]);
    expect(stream.received().map(({ json }) => json)).toEqual(["x", 4]);
    expect(stream.hello()).toMatchObject({ resume: "gap", replayed: 1 });
    expect(stream.parse().events.findIndex(({ event }) => event === "sse.gap")).toBe(1);
    expect(stream.parse().events[1]?.id).toBeUndefined();
  });

  // SPEC 14
  it("gets no gap for a channel without history when nothing was missed, and one when something was", () => {
    const { hub } = createTestHub({ history: { channels: { a: false } } });
    publishAll(hub, "a", [1]);
    expect(connect(hub, "?channels=a", "epoch0.1").gaps()).toEqual([]);
    expect(connect(hub, "?channels=a", "epoch0.0").gaps()).toMatchObject([{ reason: "trimmed" }]);
  });

  // SPEC 14
  it("gets a gap for what has become too old", () => {
    const { hub, environment } = createTestHub({ history: { ttlMs: 10_000 } });
    publishAll(hub, "a", [1]);
    environment.advance(9_000);
    expect(connect(hub, "", "epoch0.0").received()).toHaveLength(1);
    environment.advance(2_000);
    expect(connect(hub, "?channels=a", "epoch0.0").gaps()).toMatchObject([{ channels: ["a"], reason: "trimmed" }]);
  });

  // SPEC 15, 18
  it("is told that a channel was forgotten, by name or by pattern", () => {
    const { hub } = createTestHub({ historyBytes: 6_000 });
    publishAll(hub, "old/1", [1]);
    for (let index = 0; index < 5; index++) void hub.publish(`new/${index}`, index);
    expect(connect(hub, "?channels=old/1", "epoch0.0").gaps()).toMatchObject([
      { channels: ["old/1"], reason: "forgotten" },
    ]);
    expect(connect(hub, "?channels=old/*", "epoch0.0").gaps()).toMatchObject([
      { channels: ["old/*"], reason: "forgotten" },
    ]);
    expect(connect(hub, "?channels=new/4", "epoch0.5").gaps()).toEqual([]);
  });

  // SPEC 18
  it.each([
    ["other1.5", "epoch", "other1.5"],
    ["epoch0.zz", "ahead", "epoch0.zz"],
    ["nonsense", "bad-id", null],
    [`epoch0.${"1".repeat(300)}`, "bad-id", null],
  ])("with id %s gets one gap: %s", (id, reason, from) => {
    const { hub, environment } = createTestHub({ channels: defineChannels({ a: {}, "chat/*": {} }) });
    publishAll(hub, "a", [1]);
    const stream = connect(hub, "", id);
    void hub.publish("a", 2);
    environment.endTick();
    expect(stream.gaps()).toEqual([{ channels: ["a", "chat/*"], reason, from, to: "epoch0.1" }]);
    expect(stream.received().map(({ json }) => json)).toEqual([2]);
    expect(stream.hello()).toMatchObject({ resume: "gap", replayed: 0 });
  });

  // SPEC 22
  it("gets a gap instead of a flood", () => {
    const { hub } = createTestHub({ replayMax: 3 });
    publishAll(hub, "a", [1, 2]);
    publishAll(hub, "b", [3, 4]);
    expect(connect(hub, "?channels=a,b,c", "epoch0.0").gaps()).toMatchObject([
      { channels: ["b", "a"].sort(), reason: "replay-limit" },
    ]);
    expect(connect(hub, "?channels=a,b,c", "epoch0.1").received()).toHaveLength(3);
  });
});
