import { describe, expect, it, vi } from "vitest";
import { ORIGIN } from "../src/event-id.ts";
import type { HubOptions, LogReader, LogStatus } from "../src/index.ts";
import { createFakeResponse } from "./support/fake-response.ts";
import { connect, createTestHub, type FakeStream } from "./support/test-hub.ts";

/** A hub with a log that says what it is told to say. */
function setUp(options: HubOptions = {}) {
  let reader!: LogReader;
  let major = 0;
  const log = {
    epoch: "shared",
    head: ORIGIN,
    open: (given: LogReader) => {
      reader = given;
    },
    append: async () => ORIGIN,
    close: async () => {},
  };
  const { hub, environment } = createTestHub({ log, ...options });
  return {
    hub,
    environment,
    say: (status: LogStatus) => reader.status(status),
    ingest(bytes = 1) {
      const body = `event: a\ndata: "${"x".repeat(bytes)}"\n\n`;
      reader.ingest({ channel: "a", body, key: undefined, position: { major: ++major, minor: 0 } });
    },
  };
}

function toldOf(stream: FakeStream): unknown[] {
  return stream
    .parse()
    .events.filter(({ event }) => event === "sse.status")
    .map(({ json }) => (json as { live: boolean }).live);
}

describe("the status of the log", () => {
  // SPEC 105
  it("is up until the log says otherwise, and in the figures", () => {
    const { hub, say } = setUp();
    expect(hub.status).toBe("up");
    expect(hub.metrics()).toContain("\nsse_backplane_state 0\n");
    say("degraded");
    expect(hub.metrics()).toContain("\nsse_backplane_state 1\n");
    say("down");
    expect(hub.metrics()).toContain("\nsse_backplane_state 2\n");
    expect([hub.status, hub.stats().status]).toEqual(["down", "down"]);
    expect(createTestHub().hub.status).toBe("up");
  });

  // SPEC 74, 105
  it("is told to onStatus when it changes, whose errors harm nothing", () => {
    const onError = vi.fn();
    const calls: unknown[] = [];
    const { hub, environment, say } = setUp({
      onError,
      onStatus(status, previous) {
        calls.push([status, previous, hub.status]);
        throw new Error("mine");
      },
    });
    const stream = connect(hub);
    for (const status of ["up", "down", "down", "degraded"] as const) say(status);
    environment.advance(12_000);
    say("up");
    expect(calls).toEqual([
      ["down", "up", "down"],
      ["degraded", "down", "degraded"],
      ["up", "degraded", "up"],
    ]);
    expect(onError).toHaveBeenCalledTimes(3);
    expect(toldOf(stream)).toEqual([false, true]);
  });
});

describe("a stream", () => {
  // SPEC 105
  it("is told once when the log has not been up for more than ten seconds, and when it is", () => {
    const { hub, environment, say } = setUp();
    const stream = connect(hub);
    say("degraded");
    environment.advance(5_000);
    say("down");
    environment.advance(5_000);
    expect(toldOf(stream)).toEqual([]);
    environment.advance(1_000);
    expect(toldOf(stream)).toEqual([false]);
    say("degraded");
    environment.advance(60_000);
    expect(toldOf(stream)).toEqual([false]);
    say("up");
    expect(toldOf(stream)).toEqual([false, true]);
    expect(stream.res.text).toContain('\n\nevent: sse.status\ndata: {"live":true}\n\n');
    environment.advance(60_000);
    say("down");
    environment.advance(9_000);
    say("up");
    environment.advance(60_000);
    expect(toldOf(stream)).toEqual([false, true]);
  });

  // SPEC 105
  it("that opens meanwhile is told after hello, and nobody twice", async () => {
    const { hub, environment, say, ingest } = setUp({ history: false });
    const early = connect(hub);
    say("down");
    ingest();
    environment.endTick();
    environment.advance(9_999);
    const before = connect(hub);
    environment.advance(2);
    const at = connect(hub, "", "shared.0");
    const fetched = await hub.fetch(new Request("http://x/"));
    environment.advance(5_000);
    for (const stream of [early, before, at]) expect(toldOf(stream)).toEqual([false]);
    expect(at.parse().events.map(({ event }) => event)).toEqual(["sse.hello", "sse.status", "sse.gap"]);
    say("up");
    for (const stream of [early, before, at]) expect(toldOf(stream)).toEqual([false, true]);
    expect(toldOf(connect(hub))).toEqual([]);
    void hub.close({ spreadMs: 0 });
    expect((await fetched.text()).match(/"live":(true|false)/g)).toEqual(['"live":false', '"live":true']);
  });

  // SPEC 105
  it("that is behind is told only how it is when it reads again, and loses nothing by it", () => {
    const { hub, environment, say, ingest } = setUp({
      slow: { maxBufferedBytes: 50, policy: "skip" },
      history: { size: 1_000, ttlMs: null },
    });
    const res = createFakeResponse();
    const stream = connect(hub, "", undefined, undefined, res);
    res.stalled = true;
    ingest(100);
    environment.endTick();
    const { length } = res.writes;
    for (let round = 0; round < 100; round++) {
      say("down");
      environment.advance(12_000);
      if (round < 99) say("up");
      ingest(100);
    }
    expect(res.writes.length).toBe(length);
    res.drain();
    expect(toldOf(stream)).toEqual([false]);
    expect(stream.received()).toHaveLength(101);
    expect(stream.parse().lastEventId).toBe(hub.head);
    expect(stream.gaps()).toEqual([]);
  });

  // SPEC 105
  it("is told without moving its position, with events of the tick still to come", () => {
    const { hub, environment, say, ingest } = setUp({ heartbeatMs: null });
    const stream = connect(hub);
    say("down");
    environment.advance(10_500);
    ingest();
    say("up");
    say("down");
    ingest();
    expect(stream.parse().lastEventId).toBe("shared.0");
    environment.endTick();
    expect(stream.received().map(({ id }) => id)).toEqual(["shared.1", "shared.2"]);
  });

  // SPEC 30, 105
  it("that has left leaves no timer, whatever the log says", () => {
    const { hub, environment, say } = setUp();
    const stream = connect(hub);
    say("down");
    stream.res.leave();
    expect(environment.pending).toBe(0);
    environment.advance(20_000);
    expect(toldOf(connect(hub))).toEqual([false]);
  });
});
