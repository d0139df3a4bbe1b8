import { describe, expect, it, vi } from "vitest";
import { createFakeResponse } from "./support/fake-response.ts";
import { createManualEnvironment, START_DATE } from "./support/manual-environment.ts";
import { change, connect, createTestHub, poll } from "./support/test-hub.ts";

/** Options of a request that is allowed for so many milliseconds. */
const allowed = (ms: number, user?: string) => ({ expiresAt: START_DATE + ms, user });

describe("expiry", () => {
  // SPEC 63
  it("comes no later than the end of the permission, and no more than 10 ms before", () => {
    for (const ms of [1, 9, 10, 11, 500, 999, 1_000, 1_001, 1_999, 2_000, 2_001, 12_345, 3_600_000]) {
      const { hub, environment } = createTestHub();
      connect(hub, "", undefined, allowed(ms));
      const before = Math.max(0, ms - 11);
      if (before > 0) environment.advance(before);
      expect(hub.connectionCount).toBe(1);
      environment.advance(ms - before);
      expect(hub.connectionCount).toBe(0);
      expect(environment.pending).toBe(0);
    }
  });

  // SPEC 63
  it("brings what is pending first, then when to come back, and why", () => {
    const environment = createManualEnvironment();
    const neverEndingTick = { ...environment, defer: () => () => {} };
    const { hub } = createTestHub({ retryMs: [100, 200], heartbeatMs: null, environment: neverEndingTick });
    const stream = connect(hub, "", undefined, allowed(500));
    environment.advance(400);
    void hub.publish("a", 1);
    environment.advance(100);
    expect(stream.parse().events.map(({ event }) => event)).toEqual(["sse.hello", "a", "sse.bye"]);
    expect(stream.res.text).toMatch(/retry: 150\n\nevent: sse\.bye\ndata: {"reason":"expired","retryMs":150}\n\n$/);
    expect(stream.res).toMatchObject({ ended: true, listeners: 0 });
  });

  // SPEC 63
  it("in the middle of a replay lets the client go on from what it got", () => {
    const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 70_000, stallMs: 10_000 } });
    for (let index = 0; index < 90; index++) void hub.publish("a", "x".repeat(10_000));
    const res = createFakeResponse();
    res.stalled = true;
    const stream = connect(hub, "", "epoch0.0", allowed(500), res);
    environment.advance(500);
    expect(res.ended).toBe(true);
    const received = stream.received();
    expect(received.length).toBeGreaterThan(0);
    expect(received.length).toBeLessThan(90);
    expect(stream.parse().events.at(-1)).toMatchObject({ event: "sse.bye", json: { reason: "expired" } });
    expect(stream.parse().lastEventId).toBe(received.at(-1)!.id);
    const writes = res.writes.length;
    void hub.publish("a", "late");
    environment.advance(5_000);
    expect([res.writes.length, hub.connectionCount]).toEqual([writes, 1]);
    environment.advance(10_000);
    // It took nothing.
    expect([res.destroyed, hub.connectionCount, environment.pending]).toEqual([true, 0, 0]);
  });

  // SPEC 65
  it("needs two timers whatever the number of streams, and none for what is far off", () => {
    const { hub, environment } = createTestHub();
    const far = Array.from({ length: 100 }, (_, index) => connect(hub, "", undefined, allowed(2 ** 31 + index)));
    expect(environment.maxTimers).toBe(1);
    const near = Array.from({ length: 500 }, (_, index) => connect(hub, "", undefined, allowed(500 + index * 7)));
    environment.advance(10_000);
    expect(environment.maxTimers).toBe(2);
    expect(near.every(({ res }) => res.ended)).toBe(true);
    expect(far.some(({ res }) => res.ended)).toBe(false);
    for (const { res } of far) res.leave();
    expect(environment.pending).toBe(0);
  });

  // SPEC 65
  it.each([2 ** 31 - 1, 2 ** 31, 2 ** 53, 1e300, Number.POSITIVE_INFINITY])("in %d ms is not now", (ms) => {
    const { hub, environment } = createTestHub();
    const setTimer = vi.spyOn(environment, "setTimer");
    const { res } = connect(hub, "", undefined, allowed(ms));
    environment.advance(100_000);
    expect(res.ended).toBe(false);
    expect(Math.max(...setTimer.mock.calls.map(([, wait]) => wait))).toBeLessThanOrEqual(2 ** 31 - 1);
    res.leave();
    expect(environment.pending).toBe(0);
  });

  // SPEC 65
  it("is not put off by a clock that is set back, and follows one that is set forward", () => {
    const { hub, environment } = createTestHub();
    const back = connect(hub, "", undefined, allowed(5_000));
    environment.setClock(-3_600_000);
    environment.advance(5_000);
    expect(back.res.ended).toBe(true);
    environment.setClock(3_600_000);
    const forward = connect(hub, "", undefined, allowed(3_600_000));
    environment.advance(2_000);
    expect(forward.res.ended).toBe(false);
    environment.setClock(3_600_000);
    environment.advance(1_000);
    expect(forward.res.ended).toBe(true);
  });

  // SPEC 65
  it("of a stream that has left needs no timer", () => {
    const { hub, environment } = createTestHub();
    const other = connect(hub);
    const { res } = connect(hub, "", undefined, allowed(500));
    expect(environment.pending).toBe(2);
    res.leave();
    expect(environment.pending).toBe(1);
    other.res.leave();
    expect(environment.pending).toBe(0);
  });

  // SPEC 66
  it("answers a poll that is held", () => {
    const { hub, environment } = createTestHub();
    const { json } = poll(hub, "", "epoch0.0", allowed(1_500));
    environment.advance(1_499);
    expect(json()).toBeUndefined();
    environment.advance(1);
    expect(json()).toMatchObject({ events: [], id: "epoch0.0" });
    expect(environment.pending).toBe(0);
  });

  // SPEC 66
  it("is put off by a change with a later end, of the same user who is still allowed all of it", () => {
    for (const [options, ended] of [
      [allowed(10_000, "u"), false],
      [{ user: "u" }, false],
      [{ ...allowed(10_000, "u"), channels: ["a", "b", "c"] }, false],
      [{ ...allowed(10_000, "u"), channels: ["a"] }, true],
      [allowed(500, "u"), true],
    ] as const) {
      const { hub, environment } = createTestHub();
      const stream = connect(hub, "?channels=a,b", undefined, allowed(1_000, "u"));
      expect(change(hub, { conn: stream.conn() }, options).status).toBe(200);
      environment.advance(5_000);
      expect(stream.res.ended).toBe(ended);
      environment.advance(5_000);
      expect(stream.res.ended).toBe("expiresAt" in options);
    }
  });

  // SPEC 66
  it("is not brought forward by a change whose end is earlier", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "?channels=a", undefined, allowed(1_000, "u"));
    change(hub, { conn: stream.conn() }, allowed(500, "u"));
    environment.advance(900);
    expect(stream.res.ended).toBe(false);
  });

  // SPEC 66
  it("is brought forward by a change that adds what only an earlier permission allows", () => {
    for (const [own, added, ended] of [
      [{ ...allowed(5_000, "u"), channels: ["a"] }, "b", true],
      [{ channels: ["a"], user: "u" }, "b", true],
      [{ channels: ["a"] }, "b", true],
      [{ channels: ["a"] }, "*", true],
      [{ ...allowed(5_000, "u"), channels: ["a", "b"] }, "b", false],
      [{ ...allowed(5_000, "u"), channels: ["*"] }, "b", false],
      [{ ...allowed(5_000, "u"), channels: ["a"] }, "a", false],
    ] as const) {
      const { hub, environment } = createTestHub();
      const stream = connect(hub, "?channels=a", undefined, own);
      change(hub, { conn: stream.conn(), subscribe: [added] }, allowed(1_000, "user" in own ? own.user : undefined));
      environment.advance(989);
      expect(stream.res.ended).toBe(false);
      environment.advance(11);
      expect(stream.res.ended).toBe(ended);
    }
  });

  // SPEC 66
  it("goes by what the last permission allows, not by one that it has taken the place of", () => {
    const { hub, environment } = createTestHub();
    const both = { ...allowed(1_000, "u"), channels: ["a", "b"] };
    const stream = connect(hub, "?channels=a", undefined, both);
    change(hub, { conn: stream.conn() }, { ...allowed(60_000, "u"), channels: ["a"] });
    change(hub, { conn: stream.conn(), subscribe: ["b"] }, both);
    environment.advance(1_000);
    expect(stream.parse().events.at(-1)).toMatchObject({ event: "sse.bye", json: { reason: "expired" } });
  });

  // SPEC 66
  it("is not brought forward by what the stream carries already, whoever allowed that", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "?channels=a", undefined, { ...allowed(5_000, "u"), channels: ["a"] });
    change(hub, { conn: stream.conn(), subscribe: ["b"] }, { ...allowed(9_000, "u"), channels: ["b"] });
    change(hub, { conn: stream.conn(), subscribe: ["b"] }, allowed(500, "u"));
    environment.advance(4_900);
    expect(stream.res.ended).toBe(false);
    environment.advance(100);
    expect(stream.res.ended).toBe(true);
  });

  // SPEC 66
  it("can be put off again once it was brought forward", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "?channels=a", undefined, { channels: ["a"], user: "u" });
    change(hub, { conn: stream.conn(), subscribe: ["b"] }, allowed(1_000, "u"));
    change(hub, { conn: stream.conn() }, allowed(3_000, "u"));
    environment.advance(2_900);
    expect(stream.res.ended).toBe(false);
    environment.advance(100);
    expect([stream.res.ended, environment.pending]).toEqual([true, 0]);
  });

  // SPEC 64
  it("of a change that comes while its body does lets it change nothing", async () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "?channels=a");
    let send!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = controller;
      },
    });
    const init = { method: "POST", headers: { accept: "application/json" }, body, duplex: "half" };
    const answer = hub.fetch(new Request("http://x/", init), allowed(1_000));
    environment.advance(1_000);
    send.enqueue(new TextEncoder().encode(JSON.stringify({ conn: stream.conn(), subscribe: ["b"] })));
    send.close();
    const response = await answer;
    expect([response.status, await response.json()]).toMatchObject([401, { error: "expired" }]);
    expect(hub.stats().refused.expired).toBe(1);
    void hub.publish("b", 1);
    environment.endTick();
    expect(stream.received()).toEqual([]);
  });

  // SPEC 66
  it("is not put off by somebody without a name, nor does a change bring one", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "", undefined, { expiresAt: START_DATE + 1_000 });
    const endless = connect(hub, "", undefined, { user: "u" });
    change(hub, { conn: stream.conn() });
    change(hub, { conn: endless.conn() }, allowed(500, "u"));
    environment.advance(1_000);
    expect([stream.res.ended, endless.res.ended]).toEqual([true, false]);
  });

  // SPEC 63
  it("and the end of the hub do not get in each other's way", async () => {
    const { hub, environment } = createTestHub();
    const streams = Array.from({ length: 20 }, (_, index) => connect(hub, "", undefined, allowed(100 + index * 50)));
    const closing = hub.close({ spreadMs: 1_000 });
    environment.advance(2_000);
    expect(await closing).toEqual({ ended: 20, destroyed: 0 });
    for (const stream of streams) {
      expect(stream.parse().events.map(({ event }) => event)).toEqual(["sse.hello", "sse.bye"]);
    }
    expect(environment.pending).toBe(0);
  });
});
