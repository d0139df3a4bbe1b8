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
