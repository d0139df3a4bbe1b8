import { describe, expect, it } from "vitest";
import { connect, createTestHub } from "./support/test-hub.ts";

describe("heartbeat", () => {
  // SPEC 33
  it("comes 0.8 to 1 intervals after the last write", () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const { hub, environment } = createTestHub({ heartbeatMs: 10_000 }, random);
    const { res } = connect(hub);
    const gaps: number[] = [];
    let last = environment.now();
    const write = res.write;
    res.write = (chunk) => {
      gaps.push(environment.now() - last);
      last = environment.now();
      return write(chunk);
    };
    environment.advance(500_000);
    expect(gaps.length).toBeGreaterThan(50);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(8_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10_000);
    expect(new Set(gaps).size).toBeGreaterThan(1);
  });

  // SPEC 33
  it("is put off by any other write", () => {
    const { hub, environment } = createTestHub({ heartbeatMs: 10_000 });
    const stream = connect(hub);
    for (let index = 0; index < 10; index++) {
      environment.advance(5_000);
      void hub.publish("a", index);
    }
    environment.endTick();
    expect(stream.parse().comments).toEqual([]);
    environment.advance(10_000);
    expect(stream.parse().comments).toHaveLength(1);
  });

  // SPEC 20
  it("moves the position of a quiet stream past other channels, so it resumes without a gap", () => {
    const { hub, environment } = createTestHub({ history: { size: 5, ttlMs: null } });
    const stream = connect(hub, "?channels=quiet");
    for (let minute = 0; minute < 60; minute++) {
      for (let index = 0; index < 170; index++) void hub.publish("chatty", index);
      environment.advance(60_000);
    }
    expect(stream.parse().lastEventId).toBe(hub.head);
    stream.res.leave();
    expect(connect(hub, "?channels=quiet", stream.parse().lastEventId).gaps()).toEqual([]);
  });

  // SPEC 33
  it("uses one timer for any number of streams and none for none", () => {
    const { hub, environment } = createTestHub();
    expect(environment.pending).toBe(0);
    const streams = Array.from({ length: 200 }, () => connect(hub));
    environment.advance(60_000);
    expect(environment.maxTimers).toBe(1);
    for (const { res } of streams) res.leave();
    expect(environment.pending).toBe(0);
  });

  // SPEC 33
  it("can be turned off", () => {
    const { hub, environment } = createTestHub({ heartbeatMs: null });
    const stream = connect(hub);
    environment.advance(600_000);
    expect(stream.res.writes).toHaveLength(1);
    expect(stream.hello()).toMatchObject({ heartbeatMs: null });
  });
});
