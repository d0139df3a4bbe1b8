import { describe, expect, it } from "vitest";
import { resolveCloseOptions } from "../src/shutdown.ts";
import { createFakeResponse, parseStream } from "./support/fake-response.ts";
import { createManualEnvironment } from "./support/manual-environment.ts";
import { connect, createTestHub, settle } from "./support/test-hub.ts";

describe("close", () => {
  // SPEC 35
  it("ends streams evenly over the spread, each with a delay and a reason", async () => {
    const { hub, environment } = createTestHub({}, Math.random);
    const streams = Array.from({ length: 1_000 }, () => connect(hub));
    const endedAt: number[] = [];
    for (const { res } of streams) {
      const end = res.end;
      res.end = () => {
        endedAt.push(environment.now());
        return end();
      };
    }
    const closing = hub.close({ spreadMs: 10_000, timeoutMs: 15_000 });
    environment.advance(10_000);
    expect(await closing).toEqual({ ended: 1_000, destroyed: 0 });
    const windows = endedAt.map((start) => endedAt.filter((at) => at >= start && at < start + 100).length);
    expect(Math.max(...windows)).toBeLessThanOrEqual(50);
    expect(Math.max(...endedAt) - Math.min(...endedAt)).toBeGreaterThan(8_000);
    const { events, retry } = streams[0]!.parse();
    expect(events.at(-1)).toMatchObject({ event: "sse.bye", json: { reason: "shutdown", retryMs: retry } });
    const delays = streams.map((stream) => stream.parse().retry ?? 0);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(10_000);
    expect(environment.pending).toBe(0);
    expect(environment.maxTimers).toBeLessThanOrEqual(3);
  });

  // SPEC 35
  it("writes pending events first and keeps delivering until a stream's turn", async () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub);
    void hub.publish("a", 1);
    const closing = hub.close({ spreadMs: 1_000 });
    void hub.publish("a", 2);
    environment.advance(1_000);
    await closing;
    expect(
      stream
        .parse()
        .events.slice(1)
        .map(({ event, json }) => event ?? json),
    ).toEqual(["a", "a", "sse.bye"]);
  });

  // SPEC 35
  it("writes what was published before a stream's turn, also when that comes before the end of the tick", async () => {
    const environment = createManualEnvironment();
    const neverEndingTick = { ...environment, defer: () => () => {} };
    const { hub } = createTestHub({ heartbeatMs: null, environment: neverEndingTick });
    const stream = connect(hub);
    const closing = hub.close({ spreadMs: 800 });
    void hub.publish("a", 1);
    environment.advance(800);
    expect(await closing).toEqual({ ended: 1, destroyed: 0 });
    expect(stream.received().map(({ json }) => json)).toEqual([1]);
  });

  // SPEC 35
  it.each([0, 500])("tells nobody to come back within a second, with a spread of %i ms", (spreadMs) => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub);
    void hub.close({ spreadMs });
    environment.advance(500);
    expect(stream.parse().retry).toBe(1_000);
    expect(connect(hub).parse().retry).toBe(1_000);
  });

  // SPEC 35
  it("turns new streams away with 200, a delay and a reason", async () => {
    const { hub, environment } = createTestHub();
    connect(hub);
    const closing = hub.close();
    const late = connect(hub);
    expect(late.res).toMatchObject({ statusCode: 200, ended: true });
    expect(late.parse().events).toMatchObject([{ event: "sse.bye", json: { reason: "shutdown" } }]);
    const answer = await hub.fetch(new Request("http://x/"));
    expect(parseStream(await answer.text()).events).toMatchObject([{ event: "sse.bye" }]);
    expect(hub.connectionCount).toBe(1);
    environment.advance(15_000);
    await closing;
  });

  // SPEC 165
  it.each([
    [{ spreadMs: 60_000 }, 60_000, 65_000],
    [{ spreadMs: 2_147_483_647 }, 2_147_483_647, 2_147_483_647],
    [{ timeoutMs: 3_000 }, 2_000, 3_000],
    [{ timeoutMs: 60_000 }, 10_000, 60_000],
    [{ spreadMs: 500 }, 500, 15_000],
    [{}, 10_000, 15_000],
    [{ spreadMs: 5_000, timeoutMs: 1_000 }, 5_000, 1_000],
  ])("with %j takes %i ms for its turns and %i ms in all", (options, spreadMs, timeoutMs) => {
    expect(resolveCloseOptions(options)).toEqual({ spreadMs, timeoutMs });
  });

  // SPEC 165
  it.each([{ spreadMs: 60_000 }, { timeoutMs: 3_000 }])("with %j gives each stream its turn", async (options) => {
    const { hub, environment } = createTestHub({ heartbeatMs: null });
    const streams = Array.from({ length: 100 }, () => connect(hub));
    const closing = hub.close(options);
    environment.advance(70_000);
    expect(await closing).toEqual({ ended: 100, destroyed: 0 });
    for (const stream of streams) expect(stream.parse().events.at(-1)?.event).toBe("sse.bye");
  });

  // SPEC 35
  it("drops at the deadline whoever does not take the end", async () => {
    const { hub, environment } = createTestHub();
    const res = createFakeResponse();
    connect(hub, "", undefined, undefined, res);
    connect(hub);
    res.stalled = true;
    const closing = hub.close({ spreadMs: 0, timeoutMs: 2_000 });
    environment.advance(1_999);
    expect(hub.connectionCount).toBe(1);
    environment.advance(1);
    expect(await closing).toEqual({ ended: 1, destroyed: 1 });
    expect(res).toMatchObject({ destroyed: true, listeners: 0 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 35
  it("leaves a stream alone between its end and its close", async () => {
    const { hub, environment } = createTestHub({ heartbeatMs: 100 });
    const res = createFakeResponse();
    const stream = connect(hub, "", undefined, undefined, res);
    res.stalled = true;
    const closing = hub.close({ spreadMs: 0, timeoutMs: 5_000 });
    void hub.publish("a", 1);
    environment.advance(1_000);
    expect(res.destroyed).toBe(false);
    expect(stream.received()).toEqual([]);
    res.leave();
    expect(await closing).toEqual({ ended: 1, destroyed: 0 });
  });

  // SPEC 35, 39
  it("resolves at once without streams, gives one promise, and then nothing can be published", async () => {
    const { hub, environment } = createTestHub();
    const closing = hub.close();
    expect(hub.close()).toBe(closing);
    expect(await closing).toEqual({ ended: 0, destroyed: 0 });
    expect(environment.pending).toBe(0);
    await expect(hub.publish("a", 1)).rejects.toMatchObject({ code: "hub-closed" });
  });
});

describe('a stream opened with drain: "finish"', () => {
  // SPEC 107
  it("is refused what is no way to drain, before anything is written", () => {
    const { hub } = createTestHub();
    for (const drain of ["stop", null, true]) {
      expect(() => connect(hub, "", undefined, { drain } as object)).toThrow(
        expect.objectContaining({ code: "invalid-option", option: "drain" }),
      );
    }
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 107
  it("is left to its client by close, with its events and heartbeats, and counted as ended", async () => {
    const { hub, environment } = createTestHub({ authorize: ({ channels }) => ({ channels }) });
    const job = connect(hub, "?channels=job", undefined, { drain: "finish" });
    const other = connect(hub, "?channels=news", undefined, { drain: "end" });
    await settle();
    const closing = hub.close({ spreadMs: 1_000, timeoutMs: 60_000 });
    environment.advance(30_000);
    expect([job.res.ended, other.res.ended]).toEqual([false, true]);
    expect(job.parse().comments).not.toEqual([]);
    void hub.publish("job", "done");
    environment.endTick();
    expect(job.received()).toMatchObject([{ json: "done" }]);
    job.res.leave();
    expect(await closing).toEqual({ ended: 2, destroyed: 0 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 107
  it("is dropped at the deadline", async () => {
    const { hub, environment } = createTestHub();
    const job = connect(hub, "", undefined, { drain: "finish" });
    const fetched = await hub.fetch(new Request("http://x/"), { drain: "finish" });
    const closing = hub.close({ spreadMs: 0, timeoutMs: 5_000 });
    environment.advance(4_999);
    expect(hub.connectionCount).toBe(2);
    environment.advance(1);
    expect(await closing).toEqual({ ended: 0, destroyed: 2 });
    expect(job.res.destroyed).toBe(true);
    await expect(fetched.text()).rejects.toThrow("dropped");
  });

  // SPEC 103, 107
  it("ends with its permission or at an age all the same", async () => {
    const { hub, environment } = createTestHub({ maxConnectionMs: 2_000 });
    const expiresAt = environment.date!() + 1_000;
    const streams = [{ expiresAt }, {}].map((own) => connect(hub, "", undefined, { ...own, drain: "finish" }));
    const closing = hub.close({ spreadMs: 0 });
    environment.advance(2_000);
    expect(streams.map((each) => each.parse().events.at(-1)?.json)).toMatchObject([
      { reason: "expired" },
      { reason: "max-age" },
    ]);
    expect(await closing).toEqual({ ended: 2, destroyed: 0 });
  });
});
