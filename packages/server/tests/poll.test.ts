import { describe, expect, it } from "vitest";
import { defineChannels, type Hub } from "../src/index.ts";
import { collectGarbage } from "./support/collect-garbage.ts";
import { createFakeResponse, pollRequest } from "./support/fake-response.ts";
import { createManualEnvironment } from "./support/manual-environment.ts";
import { connect, createTestHub, poll } from "./support/test-hub.ts";

function publishAll(hub: Hub, channel: string, values: readonly unknown[]) {
  for (const value of values) void hub.publish(channel, value);
}

describe("a poll", () => {
  // SPEC 51
  it("without a position is told the head at once, and when to ask", () => {
    const { hub, environment } = createTestHub({ channels: defineChannels({ a: {}, "chat/*": {} }) });
    publishAll(hub, "a", [1, 2]);
    const { res, json } = poll(hub, "?channels=a,nope");
    expect(json()).toEqual({ events: [], id: "epoch0.2", gaps: [], retryMs: 0, epoch: "epoch0", channels: ["a"] });
    expect(res.statusCode).toBe(200);
    expect(Object.fromEntries(res.headers)).toEqual({
      "content-type": "application/json",
      "cache-control": "no-store",
    });
    expect(environment.pending).toBe(0);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 21, 51
  it("without a position begins with first messages", () => {
    const { hub } = createTestHub({ initial: { a: "last" } });
    publishAll(hub, "a", [1, 2]);
    publishAll(hub, "b", [3]);
    expect(poll(hub).json()).toMatchObject({
      events: [{ id: "epoch0.2", event: "a", data: "2" }],
      id: "epoch0.3",
      gaps: [],
      retryMs: 100,
    });
  });

  // SPEC 38, 51
  it("gets what it missed, from the header or the query, in log order", () => {
    const { hub } = createTestHub();
    publishAll(hub, "a", [1, { two: 2 }]);
    publishAll(hub, "b", [3]);
    publishAll(hub, "c", [4]);
    const missed = {
      events: [
        { id: "epoch0.2", event: "a", data: '{"two":2}' },
        { id: "epoch0.3", event: "b", data: "3" },
      ],
      id: "epoch0.4",
      gaps: [],
      retryMs: 100,
    };
    expect(poll(hub, "?channels=a,b", "epoch0.1").json()).toMatchObject(missed);
    expect(poll(hub, "?channels=a,b&lastEventId=epoch0.1").json()).toMatchObject(missed);
    expect(hub.stats().deliveries).toBe(4);
  });

  // SPEC 51
  it.each(["", " leading", "two\nlines", "\n", "a\r\nb\rc", "event: x\nid: 9", "\uFEFFbom ☃"])(
    "gets the text %j as a stream would",
    (text) => {
      const { hub } = createTestHub();
      void hub.publish("a", text, { raw: true });
      const streamed = connect(hub, "", "epoch0.0").received();
      const { events } = poll(hub, "", "epoch0.0").json() as { events: { event: string; id: string; data: string }[] };
      expect(events).toEqual(streamed.map(({ event, id, data }) => ({ event, id, data })));
    },
  );

  // SPEC 38, 51
  it.each([
    ["trimmed", "epoch0.0", { history: { size: 2 } }, "epoch0.0"],
    ["epoch", "other1.1", {}, "other1.1"],
    ["ahead", "epoch0.zz", {}, "epoch0.zz"],
    ["bad-id", "no id", {}, null],
    ["replay-limit", "epoch0.0", { replayMax: 2 }, "epoch0.0"],
    ["forgotten", "epoch0.0", { historyBytes: 100 }, "epoch0.0"],
  ])("is told of a gap because of %s at once", (reason, id, options, from) => {
    const { hub } = createTestHub(options);
    publishAll(hub, "a", [1, 2, 3]);
    expect(poll(hub, "?channels=a", id).json()).toMatchObject({
      events: [],
      id: "epoch0.3",
      gaps: [{ channels: ["a"], reason, from, to: "epoch0.3" }],
      retryMs: 100,
    });
    expect(hub.stats().gaps).toMatchObject({ [reason]: 1 });
  });

  // SPEC 51
  it("gets the other channels of a gap with it", () => {
    const { hub } = createTestHub({ history: { channels: { a: { size: 1 } } } });
    publishAll(hub, "a", [1, 2]);
    publishAll(hub, "b", [3]);
    const { events, gaps } = poll(hub, "", "epoch0.0").json()!;
    expect(gaps).toMatchObject([{ channels: ["a"], reason: "trimmed" }]);
    expect(events).toEqual([{ id: "epoch0.3", event: "b", data: "3" }]);
  });

  // SPEC 52
  it("gets no more than a stream may have buffered, and the rest at once with the next", () => {
    const { hub } = createTestHub({ slow: { maxBufferedBytes: 5_000 } });
    publishAll(
      hub,
      "a",
      ["1", "2", "3"].map((digit) => digit.repeat(2_000)),
    );
    const first = poll(hub, "", "epoch0.0").json()!;
    expect(first).toMatchObject({ events: [{ id: "epoch0.1" }, { id: "epoch0.2" }], id: "epoch0.2", retryMs: 0 });
    expect(poll(hub, "", String(first["id"])).json()).toMatchObject({ events: [{ id: "epoch0.3" }], id: "epoch0.3" });
  });

  // SPEC 53
  it("is held until something of its channels is published, and gets all of that tick", () => {
    const { hub, environment } = createTestHub();
    publishAll(hub, "a", [1]);
    const { res, json } = poll(hub, "?channels=a,c/*", "epoch0.1");
    publishAll(hub, "b", [2]);
    environment.advance(20_000);
    expect(json()).toBeUndefined();
    publishAll(hub, "c/1", [3]);
    publishAll(hub, "a", [4]);
    expect(json()).toBeUndefined();
    environment.endTick();
    expect(json()).toMatchObject({
      events: [
        { id: "epoch0.3", event: "c/1" },
        { id: "epoch0.4", event: "a" },
      ],
      id: "epoch0.4",
      retryMs: 100,
    });
    expect(res.listeners).toBe(0);
    expect(environment.pending).toBe(0);
  });

  // SPEC 53
  it("is held no longer than `pollWaitMs` and then told the head, so that it does not age", () => {
    const { hub, environment } = createTestHub({ pollWaitMs: 5_000, history: { size: 1 }, historyBytes: 8_000 });
    const { res, json } = poll(hub, "?channels=quiet,quiet/*", "epoch0.0");
    for (let index = 0; index < 50; index++) void hub.publish(`busy/${index}`, index);
    environment.advance(4_999);
    expect(json()).toBeUndefined();
    environment.advance(1);
    expect(json()).toMatchObject({ events: [], id: "epoch0.1e", gaps: [], retryMs: 0 });
    expect(res.listeners).toBe(0);
    expect(environment.pending).toBe(0);
  });

  // SPEC 53
  it("is not told of a gap on a quiet channel because others were forgotten meanwhile", () => {
    const { hub, environment } = createTestHub({ historyBytes: 8_000 });
    const polls = ["quiet", "quiet,quiet/*"].map((names) => poll(hub, `?channels=${names}`, "epoch0.0"));
    for (let index = 0; index < 50; index++) void hub.publish(`busy/${index}`, index);
    publishAll(hub, "quiet", [1]);
    environment.endTick();
    for (const { json } of polls) expect(json()).toMatchObject({ events: [{ data: "1" }], gaps: [], id: "epoch0.1f" });
  });

  // SPEC 53
  it("gets what was published in the tick in which its time is over", () => {
    const environment = createManualEnvironment();
    const neverEndingTick = { ...environment, defer: () => () => {} };
    const { hub } = createTestHub({ pollWaitMs: 5_000, environment: neverEndingTick });
    const polls = [poll(hub, "", "epoch0.0"), poll(hub, "", "epoch0.0")];
    publishAll(hub, "a", [1]);
    environment.advance(4_999);
    expect(polls.map(({ json }) => json())).toEqual([undefined, undefined]);
    environment.advance(1);
    for (const { json } of polls) expect(json()).toMatchObject({ events: [{ data: "1" }], id: "epoch0.1" });
    expect(hub.stats().deliveries).toBe(2);
    expect(environment.pending).toBe(0);
  });

  // SPEC 53
  it("is not held with wait=0, nor by a hub that holds none, and then told to come back after a while", () => {
    for (const [pollWaitMs, query] of [
      [25_000, "?wait=0"],
      [0, ""],
    ] as const) {
      const { hub, environment } = createTestHub({ pollWaitMs });
      expect(poll(hub, query, "epoch0.0").json()).toMatchObject({ events: [], id: "epoch0.0", retryMs: 3_000 });
      expect(poll(hub, query).json()).toMatchObject({ retryMs: 3_000 });
      expect(environment.pending).toBe(0);
    }
  });

  // SPEC 53
  it("is held for other values of wait", () => {
    const { hub } = createTestHub();
    expect(poll(hub, "?wait=5", "epoch0.0").json()).toBeUndefined();
  });

  // SPEC 54
  it("that is held is answered when the hub closes, and later ones at once, spread out", async () => {
    const { hub, environment } = createTestHub();
    const idle = poll(hub, "?channels=b", "epoch0.0");
    const due = poll(hub, "?channels=a", "epoch0.0");
    publishAll(hub, "a", [1]);
    const closing = hub.close({ spreadMs: 9_000 });
    expect(idle.json()).toMatchObject({ events: [], id: "epoch0.1", retryMs: 5_000 });
    expect(due.json()).toMatchObject({ events: [{ data: "1" }], id: "epoch0.1", retryMs: 5_000 });
    expect(idle.res.headers.get("connection")).toBe("close");
    expect(environment.pending).toBe(0);
    expect(await closing).toEqual({ ended: 0, destroyed: 0 });
    expect(poll(hub, "", "epoch0.1").json()).toMatchObject({ events: [], retryMs: 5_000 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 54
  it("loses nothing when the hub is closed from inside a write", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub);
    const { json } = poll(hub, "?channels=", "epoch0.0");
    const all = poll(hub, "", "epoch0.0");
    const { write } = stream.res;
    stream.res.write = (chunk) => {
      stream.res.write = write;
      publishAll(hub, "b", [2]);
      void hub.close({ spreadMs: 0 });
      return write(chunk);
    };
    publishAll(hub, "a", [1]);
    environment.endTick();
    expect(all.json()).toMatchObject({ events: [{ data: "1" }, { data: "2" }], id: "epoch0.2" });
    expect(json()).toMatchObject({ events: [] });
  });

  // SPEC 55
  it("whose client leaves is forgotten", () => {
    const { hub, environment } = createTestHub();
    const { res, json } = poll(hub, "", "epoch0.0");
    expect(environment.pending).toBe(1);
    res.leave();
    expect(environment.pending).toBe(0);
    expect(res.listeners).toBe(0);
    publishAll(hub, "a", [1]);
    expect(environment.pending).toBe(0);
    expect(json()).toBeUndefined();
    const late = createFakeResponse();
    late.leave();
    hub.node(pollRequest("", "epoch0.1"), late);
    expect(environment.pending).toBe(0);
  });

  // SPEC 55
  it("is forgotten when its Fetch request is aborted, although nobody keeps that request", async () => {
    const { hub, environment } = createTestHub();
    const left = new AbortController();
    const headers = { accept: "application/json", "last-event-id": "epoch0.0" };
    const answer = hub.fetch(new Request("http://x/", { headers, signal: left.signal }));
    await collectGarbage();
    expect(environment.pending).toBe(1);
    left.abort();
    expect(environment.pending).toBe(0);
    expect((await answer).body).toBeNull();
  });

  // SPEC 55
  it("that somebody else has answered meanwhile is left alone", () => {
    const { hub, environment } = createTestHub();
    const { res } = poll(hub, "", "epoch0.0");
    const other = poll(hub, "", "epoch0.0");
    Object.defineProperty(res, "headersSent", { value: true });
    publishAll(hub, "a", [1]);
    environment.endTick();
    expect(res.ended).toBe(false);
    expect(res.listeners).toBe(0);
    expect(other.json()).toMatchObject({ events: [{ data: "1" }] });
  });

  // SPEC 54, 55
  it("that cannot be answered is dropped, and keeps nobody else from an answer", async () => {
    const { hub, environment } = createTestHub();
    for (const end of [() => void hub.publish("a", 1), () => void hub.close({ spreadMs: 0 })]) {
      const polls = Array.from({ length: 3 }, () => poll(hub, "", hub.head));
      polls[1]!.res.end = () => {
        throw new Error("no end");
      };
      end();
      environment.endTick();
      expect(polls.map(({ res, json }) => [res.destroyed, json() !== undefined])).toEqual([
        [true, true],
        [true, false],
        [true, true],
      ]);
      expect(environment.pending).toBe(0);
    }
    expect(await hub.close()).toEqual({ ended: 0, destroyed: 0 });
  });

  // SPEC 55
  it("leaves nothing behind a thousand times, however it ends", async () => {
    const { hub, environment } = createTestHub();
    const polls = [];
    for (let index = 0; index < 1_000; index++) {
      polls.push(poll(hub, `?channels=a,b/${index % 7}`, `epoch0.${hub.head.split(".")[1]}`));
      if (index % 3 === 0) polls.at(-1)!.res.leave();
      if (index % 100 === 50) environment.advance(25_000);
      if (index % 100 === 99) {
        publishAll(hub, "a", [index]);
        environment.endTick();
      }
      const aborted = new AbortController();
      const headers = { accept: "application/json", "last-event-id": hub.head };
      const answer = hub.fetch(new Request("http://x/", { headers, signal: aborted.signal }));
      await Promise.resolve();
      aborted.abort();
      expect((await answer).body).toBeNull();
    }
    expect(environment.pending).toBe(0);
    expect(polls.reduce((sum, { res }) => sum + res.listeners, 0)).toBe(0);
    expect(polls.filter(({ json }) => json()).length).toBe(666);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 5, 55
  it("is refused with what is wrong before anything is held", async () => {
    const { hub, environment } = createTestHub({ channels: defineChannels({ a: {} }) });
    const res = createFakeResponse();
    expect(() => hub.node(pollRequest("", "epoch0.0"), res, { channels: ["b"] })).toThrow("not defined");
    expect([res.listeners, environment.pending, res.headers.size]).toEqual([0, 0, 0]);
    const headers = { accept: "application/json" };
    const request = new Request("http://x/?lastEventId=epoch0.0", { headers });
    await expect(hub.fetch(request, { headers: { "x-name": "Ł" } })).rejects.toThrow(TypeError);
    expect(environment.pending).toBe(0);
    const answer = poll(hub, "", undefined, { headers: { "X-Own": "1", "Cache-Control": "public" } });
    expect(Object.fromEntries(answer.res.headers)).toEqual({
      "x-own": "1",
      "content-type": "application/json",
      "cache-control": "no-store",
    });
  });
});
