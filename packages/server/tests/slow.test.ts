import { describe, expect, it } from "vitest";
import { createFakeResponse } from "./support/fake-response.ts";
import { connect, createTestHub } from "./support/test-hub.ts";

function stalledStream(hub: Parameters<typeof connect>[0], query = "") {
  const res = createFakeResponse();
  const stream = connect(hub, query, undefined, undefined, res);
  res.stalled = true;
  return stream;
}

describe("a slow peer", () => {
  // SPEC 26
  it("is given no more than the buffer limit and one write, and the rest once it reads again", () => {
    const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 100_000 }, history: { size: 1_000 } });
    const stream = stalledStream(hub);
    for (let index = 0; index < 500; index++) {
      void hub.publish("a", `${index} ${"x".repeat(1_000)}`);
      if (index % 10 === 0) environment.endTick();
    }
    environment.endTick();
    expect(stream.res.writableLength).toBeLessThan(100_000 + 65_536 + 1_000);
    stream.res.drain();
    expect(stream.received().map(({ json }) => Number.parseInt(String(json), 10))).toEqual(
      Array.from({ length: 500 }, (_, i) => i),
    );
    expect(stream.gaps()).toEqual([]);
  });

  // SPEC 17, 26
  it("is told once what it lost and continues after it", () => {
    const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 1_000 }, history: { size: 10 } });
    const stream = stalledStream(hub, "?channels=a,b");
    for (let index = 0; index < 100; index++) {
      void hub.publish("a", `${index} ${"x".repeat(100)}`);
      environment.endTick();
    }
    void hub.publish("b", "kept");
    environment.endTick();
    const before = stream.received().length;
    stream.res.drain();
    void hub.publish("a", "after");
    environment.endTick();
    expect(stream.gaps()).toMatchObject([{ channels: ["a"], reason: "slow", to: "epoch0.2t" }]);
    expect(
      stream
        .received()
        .slice(before)
        .map(({ json }) => json),
    ).toEqual(["kept", "after"]);
    expect(hub.stats().gaps.slow).toBe(1);
  });

  // SPEC 17, 26
  it("is told only once, however many writes the rest takes", () => {
    const { hub, environment } = createTestHub({
      slow: { maxBufferedBytes: 1_000 },
      history: { size: 1_000, channels: { a: { size: 2 } } },
    });
    const stream = stalledStream(hub, "?channels=a,b");
    for (let index = 0; index < 200; index++) {
      void hub.publish(index % 20 === 0 ? "a" : "b", "x".repeat(1_000));
      environment.endTick();
    }
    const before = stream.received().length;
    stream.res.drain();
    const caughtUp = stream.received().slice(before);
    expect(stream.gaps()).toMatchObject([{ channels: ["a"], reason: "slow" }]);
    expect(stream.res.writes.length).toBeGreaterThan(3);
    expect(caughtUp.every(({ event }) => event === "b")).toBe(true);
    expect(caughtUp.length).toBeGreaterThan(180);
  });

  // SPEC 27
  it("is dropped when it takes nothing for too long, with events or without", () => {
    for (const publishing of [true, false]) {
      const { hub, environment } = createTestHub({ slow: { stallMs: 8_000 } });
      const stream = stalledStream(hub);
      void hub.publish("a", 1);
      for (let second = 0; second < 7; second++) {
        if (publishing) void hub.publish("a", second);
        environment.advance(1_000);
      }
      expect(hub.connectionCount).toBe(1);
      environment.advance(4_000);
      expect(hub.connectionCount).toBe(0);
      expect(stream.res).toMatchObject({ destroyed: true, listeners: 0 });
      expect(hub.stats().slowDisconnects).toBe(1);
      expect(environment.pending).toBe(0);
    }
  });

  // SPEC 27
  it("is kept while it takes something now and then", () => {
    const { hub, environment } = createTestHub({ slow: { stallMs: 8_000 } });
    const { res } = stalledStream(hub);
    for (let index = 0; index < 20; index++) {
      void hub.publish("a", index);
      environment.advance(5_000);
      res.drain();
      res.stalled = true;
    }
    expect(hub.connectionCount).toBe(1);
  });

  // SPEC 27
  it("is kept while it takes something, although more is written before anybody looks", () => {
    const { hub, environment } = createTestHub({ heartbeatMs: null, slow: { stallMs: 8_000 } });
    const { res } = stalledStream(hub);
    let taken = 0;
    const buffered = () => res.writes.slice(1).reduce((sum, chunk) => sum + chunk.byteLength, 0) - taken;
    Object.defineProperty(res, "writableLength", { get: buffered });
    for (let second = 0; second < 20; second++) {
      void hub.publish("a", "x".repeat(1_000));
      environment.advance(1_000);
      taken += 500;
    }
    expect(hub.connectionCount).toBe(1);
    environment.advance(10_000);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 27
  it("is waited for no longer once it has closed, although it never drained", () => {
    const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 10 } });
    const { res } = stalledStream(hub);
    void hub.publish("a", "x".repeat(100));
    environment.endTick();
    void hub.publish("a", 2);
    environment.endTick();
    res.leave();
    expect(hub.connectionCount).toBe(0);
    expect(res.listeners).toBe(0);
    expect(environment.pending).toBe(0);
  });
});

describe('with slow.policy "skip" a peer that takes nothing', () => {
  const slow = { policy: "skip", stallMs: 8_000, maxBufferedBytes: 1_000 } as const;

  // SPEC 102
  it("is kept at the cost of its buffer, and goes on from the history with a gap for what is gone", () => {
    const { hub, environment } = createTestHub({ slow, history: { size: 10, channels: { b: { ttlMs: null } } } });
    const stream = stalledStream(hub, "?channels=a,b");
    void hub.publish("b", "kept");
    for (let second = 0; second < 3_600; second++) {
      void hub.publish("a", `${second} ${"x".repeat(500)}`);
      environment.advance(1_000);
    }
    expect(hub.stats()).toMatchObject({ connections: 1, slowDisconnects: 0 });
    expect(stream.res.writableLength).toBeLessThan(1_000 + 65_536);
    const before = stream.received().length;
    stream.res.drain();
    void hub.publish("a", "after");
    environment.endTick();
    expect(stream.gaps()).toMatchObject([{ channels: ["a"], reason: "slow", to: `epoch0.${(3_601).toString(36)}` }]);
    expect(
      stream
        .received()
        .slice(before)
        .map(({ json }) => json),
    ).toEqual(["after"]);
    stream.res.leave();
    expect(environment.pending).toBe(0);
  });

  // SPEC 102
  it("gets no more than a buffer of heartbeats", () => {
    const { hub, environment } = createTestHub({ slow: { ...slow, maxBufferedBytes: 100 } });
    const stream = stalledStream(hub);
    environment.advance(3_600_000);
    expect(hub.connectionCount).toBe(1);
    expect(stream.res.writableLength).toBeLessThan(150);
  });

  // SPEC 63, 102
  it.each([
    ["its permission is over", 1_000_000],
    ["its permission is over before it was waited for", 5_000],
  ])("is dropped once %s and it has taken nothing for so long since", (_, ms) => {
    const { hub, environment } = createTestHub({ slow });
    const res = createFakeResponse();
    connect(hub, "", undefined, { expiresAt: environment.date!() + ms }, res);
    res.stalled = true;
    void hub.publish("a", 1);
    environment.advance(ms);
    expect(res.ended).toBe(true);
    environment.advance(7_000);
    expect(hub.connectionCount).toBe(1);
    environment.advance(3_000);
    expect(hub.stats()).toMatchObject({ connections: 0, slowDisconnects: 1, closes: { expired: 1 } });
    expect(environment.pending).toBe(0);
  });

  // SPEC 35, 102
  it("is dropped when the hub closes", async () => {
    const { hub, environment } = createTestHub({ slow });
    const stream = stalledStream(hub);
    void hub.publish("a", 1);
    environment.advance(100_000);
    const closing = hub.close({ spreadMs: 0, timeoutMs: 2_000 });
    environment.advance(2_000);
    expect(await closing).toEqual({ ended: 0, destroyed: 1 });
    expect(stream.res.destroyed).toBe(true);
  });
});
