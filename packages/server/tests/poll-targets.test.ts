import { once } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createHub } from "../src/index.ts";
import { cleanUp, type JsonCall, onCleanUp, serveHub } from "./support/live-server.ts";
import { createTestHub } from "./support/test-hub.ts";

afterEach(cleanUp);

describe.each(["node", "fetch"] as const)("a poll behind the %s target", (target) => {
  async function serve(options = {}) {
    const { hub, environment } = createTestHub(options);
    const live = await serveHub(target, hub);
    /** Each held poll is one timer. */
    const untilHeld = (count: number) => vi.waitFor(() => expect(environment.pending).toBe(count));
    return { hub, environment, live, untilHeld };
  }

  // SPEC 51
  it("is answered with JSON that must not be kept", async () => {
    const { hub, live } = await serve();
    void hub.publish("a", 1);
    const fresh = await live.poll().reply;
    expect(fresh.headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store" });
    expect(fresh.json).toMatchObject({ events: [], id: "epoch0.1" });
    const missed = await live.poll("?channels=a", "epoch0.0").reply;
    expect(missed.json).toMatchObject({
      events: [{ id: "epoch0.1", event: "a", data: "1" }],
      id: "epoch0.1",
      gaps: [],
    });
    const gap = await live.poll("?channels=a&lastEventId=nonsense").reply;
    expect(gap.json).toMatchObject({ gaps: [{ channels: ["a"], reason: "bad-id", from: null, to: "epoch0.1" }] });
  });

  // SPEC 53
  it("is held until there is something, or until its time is over", async () => {
    const { hub, environment, live, untilHeld } = await serve({ pollWaitMs: 1_000 });
    const [first, second] = [live.poll("?channels=a", "epoch0.0"), live.poll("?channels=b", "epoch0.0")];
    await untilHeld(2);
    void hub.publish("a", 1);
    environment.endTick();
    expect((await first.reply).json).toMatchObject({ events: [{ data: "1" }], id: "epoch0.1" });
    environment.advance(1_000);
    expect((await second.reply).json).toMatchObject({ events: [], id: "epoch0.1", retryMs: 0 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 55
  it("whose client leaves is forgotten", async () => {
    const { hub, environment, live, untilHeld } = await serve();
    const call = live.poll("", "epoch0.0");
    await untilHeld(1);
    call.abort();
    await untilHeld(0);
    void hub.publish("a", 1);
    expect(environment.pending).toBe(0);
    await expect(call.reply).rejects.toThrow();
  });

  // SPEC 55
  it("leaves no timer and no listener behind a thousand times", { timeout: 30_000 }, async () => {
    const { hub, environment, live, untilHeld } = await serve();
    const before = new Set<number>();
    live.server.on("request", (_, res) => before.add(res.listenerCount("close")));
    for (let round = 0; round < 10; round++) {
      const calls = Array.from({ length: 100 }, (_, index) => live.poll(`?channels=a,b/${index % 5}`, hub.head));
      await untilHeld(100);
      for (const call of calls.slice(0, 30)) call.abort();
      await untilHeld(70);
      if (round % 2 === 0) environment.advance(25_000);
      else void hub.publish("a", round);
      environment.endTick();
      const replies = await Promise.all(calls.slice(30).map((call) => call.reply));
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
      expect(environment.pending).toBe(0);
    }
    expect(live.responses).toHaveLength(1_000);
    expect(Math.max(...live.responses.map((res) => res.listenerCount("close")))).toBeLessThanOrEqual(
      Math.min(...before),
    );
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 54
  it("is answered when the hub closes, so that the server closes too", async () => {
    const { hub, environment, live, untilHeld } = await serve();
    const calls = [live.poll("", "epoch0.0"), live.poll("", "epoch0.0")];
    await untilHeld(2);
    // A Fetch handler cannot close the connection; there the server's own timeout has to end the idle one.
    if (target === "fetch") live.server.keepAliveTimeout = 200;
    const serverClosed = once(live.server, "close");
    live.server.close();
    void hub.publish("a", 1);
    const closing = hub.close({ spreadMs: 4_000 });
    for (const { json } of await Promise.all(calls.map((call) => call.reply))) {
      expect(json).toMatchObject({ events: [{ data: "1" }], retryMs: 2_500 });
    }
    await closing;
    expect(environment.pending).toBe(0);
    await serverClosed;
  });

  // SPEC 16, 51, 53
  it("after poll brings every event exactly once, although answers get lost", { timeout: 30_000 }, async () => {
    const hub = createHub({ epoch: "epoch0", history: { size: 10_000 }, slow: { maxBufferedBytes: 2_000 } });
    onCleanUp(() => hub.close({ spreadMs: 0 }));
    const live = await serveHub(target, hub);
    const got: string[] = [];
    let id = String((await live.poll("?channels=a,c/*").reply).json["id"]);
    let count = 0;
    const publishing = (async () => {
      for (; count < 400; count++) {
        void hub.publish(["a", "b", "c/1", "c/2"][count % 4]!, count);
        if (count % 7 === 0) await new Promise(setImmediate);
      }
    })();
    for (let turn = 0; got.length < 300; turn++) {
      const call: JsonCall = live.poll("?channels=a,c/*", id);
      if (turn % 5 === 4) {
        // What this one may have answered is lost.
        call.abort();
        continue;
      }
      const { json } = await call.reply;
      expect(json["gaps"]).toEqual([]);
      for (const { data } of json["events"] as { data: string }[]) got.push(data);
      id = String(json["id"]);
    }
    await publishing;
    const due = Array.from({ length: 400 }, (_, index) => index).filter((index) => index % 4 !== 1);
    expect(got.map(Number)).toEqual(due);
  });
});
