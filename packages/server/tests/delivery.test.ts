import { afterEach, describe, expect, it, vi } from "vitest";
import { ChannelNameError } from "../src/index.ts";
import { createFakeResponse } from "./support/fake-response.ts";
import { connect, createTestHub, type FakeStream, poll } from "./support/test-hub.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs something once from inside the next write, as a wrapper around `res.write` does. */
function onWrite({ res }: FakeStream, run: () => void) {
  const write = res.write;
  let first = true;
  res.write = (chunk) => {
    const result = write(chunk);
    if (first) {
      first = false;
      run();
    }
    return result;
  };
}

describe("delivery", () => {
  // SPEC 23
  it("writes one event to a thousand streams from one JSON text and one byte array", () => {
    const { hub, environment } = createTestHub();
    const streams = Array.from({ length: 1_000 }, () => connect(hub));
    const stringify = vi.spyOn(JSON, "stringify");
    const encode = vi.spyOn(TextEncoder.prototype, "encode");
    void hub.publish("a", { some: "data" });
    environment.endTick();
    expect(stringify).toHaveBeenCalledTimes(1);
    expect(encode).toHaveBeenCalledTimes(1);
    expect(new Set(streams.map(({ res }) => res.writes[1])).size).toBe(1);
    expect(streams.every(({ res }) => res.writes.length === 2)).toBe(true);
  });

  // SPEC 23
  it("joins the events of a tick once for all streams that are up to date", () => {
    const { hub, environment } = createTestHub();
    const streams = Array.from({ length: 10 }, () => connect(hub));
    void hub.publish("a", 1);
    void hub.publish("b", 2);
    environment.endTick();
    expect(new Set(streams.map(({ res }) => res.writes[1])).size).toBe(1);
  });

  // SPEC 24
  it("writes the events of a tick at once, also when each publish is awaited", async () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub);
    for (let index = 0; index < 5; index++) await hub.publish(`channel/${index % 2}`, index);
    environment.endTick();
    expect(stream.res.writes).toHaveLength(2);
    expect(stream.received().map(({ json }) => json)).toEqual([0, 1, 2, 3, 4]);
  });

  // SPEC 24
  it("writes a stream once, whatever is published to others in the same tick", () => {
    const { hub, environment } = createTestHub();
    const streams = Array.from({ length: 100 }, (_, index) => connect(hub, `?channels=channel/${index}`));
    for (let event = 0; event < 10; event++)
      for (let index = 0; index < 100; index++) void hub.publish(`channel/${index}`, "x".repeat(300));
    environment.endTick();
    expect(new Set(streams.map(({ res }) => res.writes.length))).toEqual(new Set([2]));
  });

  // SPEC 24
  it("does not let more than 1 MiB pile up in one tick", () => {
    const { hub } = createTestHub();
    const streams = Array.from({ length: 100 }, (_, index) => connect(hub, `?channels=channel/${index}`));
    for (let event = 0; event < 11; event++)
      for (let index = 0; index < 100; index++) void hub.publish(`channel/${index}`, "x".repeat(1_000));
    expect(streams.every(({ res }) => res.writes.length === 2)).toBe(true);
  });

  // SPEC 24
  it("hands Node the kind of array that it writes as it is", () => {
    const { hub, environment } = createTestHub();
    const { res } = connect(hub);
    void hub.publish("a", 1);
    environment.endTick();
    void hub.publish("a", 2);
    void hub.publish("a", 3);
    environment.endTick();
    expect(res.writes.map((chunk) => Buffer.isBuffer(chunk))).toEqual([true, true, true]);
  });

  // SPEC 24
  it("never joins more than 64 KiB of events", () => {
    const { hub, environment } = createTestHub();
    const { res } = connect(hub);
    for (let index = 0; index < 300; index++) void hub.publish("a", "x".repeat(1_000));
    environment.endTick();
    expect(Math.max(...res.writes.map((chunk) => chunk.byteLength))).toBeLessThanOrEqual(65_536);
    expect(res.writes.length).toBeLessThan(10);
  });

  // SPEC 24
  it("collects events for batchMs from the first one, and no longer where they are many or the hub closes", () => {
    const { hub, environment } = createTestHub({ batchMs: 50 });
    const { res } = connect(hub);
    const before = res.writes.length;
    for (const wait of [0, 20, 29]) {
      environment.advance(wait);
      void hub.publish("a", wait);
    }
    expect(res.writes).toHaveLength(before);
    environment.advance(1);
    expect(res.writes).toHaveLength(before + 1);
    environment.advance(1_000);
    expect(res.writes).toHaveLength(before + 1);
    for (let index = 0; index < 3; index++) void hub.publish("a", "x".repeat(30_000));
    expect(res.writes).toHaveLength(before + 2);
    void hub.close({ spreadMs: 0 });
    const text = res.text;
    expect(text.split("event: a\n")).toHaveLength(7);
    expect(text).toMatch(/x"\n\nretry: .*\nevent: sse\.bye/s);
    expect(environment.pending).toBe(0);
  });

  // SPEC 25
  it("delivers a burst that is longer than the history to those who keep up", () => {
    const { hub, environment } = createTestHub({ history: { size: 2, channels: { live: false } } });
    const stream = connect(hub);
    for (let index = 0; index < 50; index++) void hub.publish(index % 2 ? "live" : "a", index);
    environment.endTick();
    expect(stream.received().map(({ json }) => json)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(stream.gaps()).toEqual([]);
    expect(hub.stats().history.recent).toEqual([
      { channel: "live", entries: 0, bytes: 0, listeners: 1 },
      { channel: "a", entries: 2, bytes: expect.any(Number), listeners: 1 },
    ]);
  });

  // SPEC 30, 106
  it("drops a stream whose middleware fails to pass it on, and no other", () => {
    for (const failsAt of ["first", "event", "heartbeat", "end"]) {
      const { hub, environment } = createTestHub();
      const res = createFakeResponse();
      const fail = () => {
        throw new Error("broken pipe");
      };
      if (failsAt === "first") res.flush = fail;
      connect(hub, "?channels=a", undefined, undefined, res);
      const others = [connect(hub, "?channels=a"), connect(hub, "?channels=**")];
      res.flush = fail;
      if (failsAt === "event") void hub.publish("a", 1);
      environment.advance(failsAt === "heartbeat" ? 15_000 : 0);
      if (failsAt === "end") {
        void hub.publish("a", 1);
        void hub.close({ spreadMs: 0 });
      }
      expect(res).toMatchObject({ destroyed: true, listeners: 0 });
      expect(hub.stats().closes).toMatchObject({ "write-failed": 1, client: 0 });
      if (failsAt === "event") expect(others.map((each) => each.received().length)).toEqual([1, 1]);
    }
  });

  // SPEC 26
  it("passes what a middleware holds back on, once per flush", () => {
    const { hub, environment } = createTestHub();
    const { res } = connect(hub);
    res.flush = vi.fn();
    for (let index = 0; index < 100; index++) void hub.publish("a", "x".repeat(600));
    environment.endTick();
    expect(res.flush).toHaveBeenCalledTimes(1);
  });

  // SPEC 16, 26
  it.each([1, 70_000])("loses nothing that is published from inside a write, %i bytes at a time", (size) => {
    const { hub, environment } = createTestHub({ history: { size: 3 }, maxEventBytes: 100_000 });
    const streams = Array.from({ length: 3 }, () => connect(hub));
    const other = connect(hub, "?channels=b");
    onWrite(streams[1]!, () => {
      for (let index = 4; index <= 7; index++) void hub.publish("a", index + "x".repeat(size));
      void hub.publish("unheard/of", "x");
      void hub.publish("b", "x");
    });
    for (let index = 1; index <= 3; index++) void hub.publish("a", index);
    void hub.publish("b", "first");
    environment.endTick();
    for (const stream of streams) {
      const own = stream.received().filter(({ event }) => event === "a");
      expect(own.map(({ json }) => Number.parseInt(String(json), 10))).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(stream.gaps()).toEqual([]);
    }
    expect(other.received().map(({ json }) => json)).toEqual(["first", "x"]);
  });

  // SPEC 16
  it("keeps the order when a burst is written early and that write publishes", () => {
    const { hub, environment } = createTestHub();
    const streams = Array.from({ length: 2 }, () => connect(hub));
    onWrite(streams[0]!, () => void hub.publish("a", "from inside"));
    for (let index = 0; index < 4; index++) void hub.publish("a", "x".repeat(30_000));
    environment.endTick();
    for (const stream of streams) {
      expect(stream.received().map(({ id }) => id)).toEqual([1, 2, 3, 4, 5].map((position) => `epoch0.${position}`));
    }
  });

  // SPEC 14
  it("keeps the history short although every write is answered with an event", () => {
    const { hub, environment } = createTestHub({ history: { size: 3 } });
    const { res } = connect(hub);
    let left = 50;
    const write = res.write;
    res.write = (chunk) => {
      if (--left > 0) void hub.publish("a", left);
      expect(hub.stats().history.recent[0]?.entries ?? 0).toBeLessThan(10);
      return write(chunk);
    };
    void hub.publish("a", 1);
    environment.endTick();
    expect(left).toBeLessThan(1);
  });

  // SPEC 16, 35
  it("loses nothing when the hub is closed from inside a write", () => {
    const { hub, environment } = createTestHub();
    const streams = Array.from({ length: 3 }, () => connect(hub));
    onWrite(streams[0]!, () => void hub.close({ spreadMs: 0 }));
    void hub.publish("a", 1);
    environment.endTick();
    expect(streams.map((stream) => stream.received().length)).toEqual([1, 1, 1]);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 16, 20
  it("loses nothing that is published from inside a heartbeat's write", () => {
    const { hub, environment } = createTestHub();
    const streams = Array.from({ length: 3 }, () => connect(hub));
    onWrite(streams[0]!, () => void hub.publish("a", 1));
    environment.advance(15_000);
    expect(streams.map((stream) => stream.parse().comments.length)).toEqual([1, 1, 1]);
    expect(streams.map((stream) => stream.received().length)).toEqual([1, 1, 1]);
  });

  // SPEC 23
  it("does not keep the joined bytes of those that catch up later", () => {
    const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 10 } });
    const slow = [connect(hub), connect(hub)].map(({ res }) => res);
    for (const res of slow) res.stalled = true;
    for (let index = 0; index < 3; index++) {
      void hub.publish("a", index);
      environment.endTick();
    }
    for (const res of slow) res.drain();
    const last = slow.map((res) => res.writes.at(-1));
    expect(last[0]).toEqual(last[1]);
    expect(last[0]).not.toBe(last[1]);
  });

  // SPEC 28
  it("does not look at streams of other channels", () => {
    const { hub, environment } = createTestHub();
    const idle = Array.from({ length: 100 }, () => connect(hub, "?channels=b,c/*"));
    const length = vi.fn(() => 0);
    for (const { res } of idle) Object.defineProperty(res, "writableLength", { get: length });
    void hub.publish("a", 1);
    environment.endTick();
    expect(length).not.toHaveBeenCalled();
  });

  // SPEC 30
  it("goes on with the others when a write fails", () => {
    const { hub, environment } = createTestHub();
    const [broken, fine] = [connect(hub), connect(hub)];
    broken.res.write = () => {
      throw new Error("EPIPE");
    };
    void hub.publish("a", 1);
    environment.endTick();
    expect(fine.received()).toHaveLength(1);
    expect(hub.connectionCount).toBe(1);
    expect(broken.res).toMatchObject({ destroyed: true, listeners: 0 });
  });

  // SPEC 30
  it("leaves nothing behind when every client has left", () => {
    const { hub, environment } = createTestHub();
    const streams = ["", "?channels=a", "?channels=a/*", "?channels=a"].map((query) => connect(hub, query));
    void hub.publish("a", 1);
    environment.endTick();
    for (const { res } of streams) res.leave();
    expect(hub.connectionCount).toBe(0);
    expect(environment.pending).toBe(0);
    expect(streams.map(({ res }) => res.listeners)).toEqual([0, 0, 0, 0]);
    void hub.publish("a", 2);
    expect(environment.pending).toBe(0);
  });

  // SPEC 38
  it("is counted", async () => {
    const { hub, environment } = createTestHub({ history: { size: 1 } });
    const [a] = [connect(hub), connect(hub, "", "bad")];
    await hub.publish("a", 1);
    await hub.publish("b", 2);
    environment.endTick();
    a.res.leave();
    const { bytes, ...stats } = hub.stats();
    expect(bytes).toBeGreaterThan(100);
    expect(stats).toMatchObject({ connections: 1, published: 2, deliveries: 4, slowDisconnects: 0 });
    expect(stats.gaps).toEqual({
      trimmed: 0,
      epoch: 0,
      slow: 0,
      ahead: 0,
      "bad-id": 1,
      "replay-limit": 0,
      forgotten: 0,
    });
    expect(stats.history.recent.map(({ channel, entries }) => [channel, entries])).toEqual([
      ["b", 1],
      ["a", 1],
    ]);
    for (let index = 0; index < 200; index++) void hub.publish(`c/${index}`, 1);
    expect(hub.stats().history.recent).toHaveLength(100);
  });

  // SPEC 38
  it("count who listens to a channel, by name or under a pattern", () => {
    const { hub } = createTestHub();
    const streams = [connect(hub, "?channels=chat/1"), connect(hub, "?channels=chat/*,chat/1"), connect(hub)];
    poll(hub, "?channels=chat/2", "epoch0.0");
    void hub.publish("chat/2", 1);
    expect(["chat/1", "chat/2", "news"].map(hub.listenerCount)).toEqual([3, 3, 1]);
    expect(hub.stats().history.recent).toMatchObject([{ channel: "chat/2", listeners: 3 }]);
    for (const { res } of streams) res.leave();
    expect(["chat/1", "chat/2", "news"].map(hub.listenerCount)).toEqual([0, 1, 0]);
    expect(() => hub.listenerCount("chat/*")).toThrow(ChannelNameError);
  });
});
