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

  // SPEC 104
  it("is an event with the position where it is to be visible, and no comment", async () => {
    const { hub, environment } = createTestHub({ heartbeatMs: 10_000, visibleHeartbeat: true });
    const stream = connect(hub, "?channels=quiet");
    const fetched = await hub.fetch(new Request("http://x/?channels=quiet"));
    void hub.publish("chatty", 1);
    environment.advance(10_000);
    expect(stream.res.text).toMatch(/\n\nevent: sse\.ping\nid: epoch0\.1\ndata: {}\n\n$/);
    expect(stream.parse()).toMatchObject({ lastEventId: "epoch0.1", comments: [] });
    void hub.close({ spreadMs: 0 });
    expect(await fetched.text()).toContain("\n\nevent: sse.ping\nid: epoch0.1\ndata: {}\n\n");
  });

  // SPEC 104
  it("is visible only up to where a peer that is behind has been written", () => {
    const { hub, environment } = createTestHub({
      heartbeatMs: 1_000,
      visibleHeartbeat: true,
      slow: { maxBufferedBytes: 50 },
    });
    const stream = connect(hub);
    stream.res.stalled = true;
    for (let index = 0; index < 3; index++) {
      void hub.publish("a", "x".repeat(100));
      environment.advance(1_000);
    }
    expect(stream.parse()).toMatchObject({ lastEventId: "epoch0.1" });
    expect(stream.parse().events.at(-1)).toMatchObject({ event: "a" });
  });
});
