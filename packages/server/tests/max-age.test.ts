import { describe, expect, it } from "vitest";
import { createFakeResponse } from "./support/fake-response.ts";
import { connect, createTestHub, poll } from "./support/test-hub.ts";

describe("maxConnectionMs", () => {
  // SPEC 103
  it("ends each stream after 0.8 to 1 times as long", () => {
    for (const [random, ms] of [
      [0, 48_000],
      [0.5, 54_000],
      [0.9999, 59_999],
    ] as const) {
      const { hub, environment } = createTestHub({ maxConnectionMs: 60_000 }, () => random);
      environment.advance(5_000);
      connect(hub);
      environment.advance(ms - 11);
      expect(hub.connectionCount).toBe(1);
      environment.advance(11);
      expect(hub.connectionCount).toBe(0);
      expect(environment.pending).toBe(0);
    }
  });

  // SPEC 103
  it("brings what is pending first, then when to come back, and why", () => {
    const ended: unknown[] = [];
    const onDisconnect = (_: unknown, reason: string) => void ended.push(reason);
    const { hub, environment } = createTestHub({ maxConnectionMs: 1_000, retryMs: [100, 200], onDisconnect });
    const stream = connect(hub);
    environment.advance(889);
    void hub.publish("a", 1);
    environment.advance(1);
    expect(stream.parse().events.map(({ event }) => event)).toEqual(["sse.hello", "a", "sse.bye"]);
    expect(stream.res.text).toMatch(/retry: 150\n\nevent: sse\.bye\ndata: {"reason":"max-age","retryMs":150}\n\n$/);
    expect(stream.res).toMatchObject({ ended: true, listeners: 0 });
    expect(ended).toEqual(["max-age"]);
    expect(hub.stats().closes).toMatchObject({ "max-age": 1, client: 0 });
    expect(hub.metrics()).toContain('sse_closes_total{reason="max-age"} 1');
  });

  // SPEC 29, 103
  it("ends a body of Fetch, too", async () => {
    const { hub, environment } = createTestHub({ maxConnectionMs: 1_000 });
    const response = await hub.fetch(new Request("http://x/"));
    environment.advance(1_000);
    expect(await response.text()).toContain('sse.bye\ndata: {"reason":"max-age"');
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 103
  it("loses nothing for a client that comes back", () => {
    const { hub, environment } = createTestHub({ maxConnectionMs: 1_000 });
    const stream = connect(hub);
    void hub.publish("a", 1);
    environment.advance(1_000);
    void hub.publish("a", 2);
    const next = connect(hub, "", stream.parse().lastEventId);
    expect([...stream.received(), ...next.received()].map(({ json }) => json)).toEqual([1, 2]);
  });

  // SPEC 103
  it("needs one timer for all, and none for what is far off", () => {
    const random = () => 0.5;
    const { hub, environment } = createTestHub({ maxConnectionMs: 200_000 }, random);
    const streams = Array.from({ length: 100 }, () => connect(hub));
    environment.advance(10_000);
    expect(environment.maxTimers).toBe(1);
    environment.advance(200_000);
    expect(environment.maxTimers).toBe(2);
    expect(streams.every(({ res }) => res.ended)).toBe(true);
    expect(environment.pending).toBe(0);
  });

  // SPEC 103
  it("is not brought about by setting the clock, and does not lengthen a permission", () => {
    const { hub, environment } = createTestHub({ maxConnectionMs: 100_000 });
    connect(hub);
    environment.setClock(1e12);
    environment.advance(80_000);
    expect(hub.connectionCount).toBe(1);
    const allowed = connect(hub, "", undefined, { expiresAt: environment.date!() + 3_000 });
    environment.advance(3_000);
    expect(allowed.parse().events.at(-1)).toMatchObject({ json: { reason: "expired" } });
    environment.advance(20_000);
    expect(hub.stats().closes).toMatchObject({ expired: 1, "max-age": 1 });
  });

  // SPEC 103
  it("drops a peer that takes nothing as for any other end", () => {
    const { hub, environment } = createTestHub({ maxConnectionMs: 10_000, slow: { stallMs: 5_000, policy: "skip" } });
    const res = createFakeResponse();
    connect(hub, "", undefined, undefined, res);
    res.stalled = true;
    void hub.publish("a", 1);
    environment.advance(9_000);
    expect([res.ended, hub.connectionCount]).toEqual([true, 1]);
    environment.advance(6_000);
    expect([res.destroyed, hub.connectionCount, environment.pending]).toEqual([true, 0, 0]);
  });

  // SPEC 103
  it("concerns no poll that is held", () => {
    const { hub, environment } = createTestHub({ maxConnectionMs: 1_000 });
    const held = poll(hub, "", hub.head);
    environment.advance(20_000);
    expect(held.res.ended).toBe(false);
  });
});
