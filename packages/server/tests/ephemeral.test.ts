import { afterEach, describe, expect, it } from "vitest";
import {
  createHub,
  HubClosedError,
  InvalidDataError,
  type LogReader,
  OptionError,
  UnknownChannelError,
} from "../src/index.ts";
import { cleanUp, connOf, serveHub, type Target, targets } from "./support/live-server.ts";
import { change, connect, createTestHub, type FakeStream, poll, settle } from "./support/test-hub.ts";

afterEach(cleanUp);

const EPHEMERAL = { ephemeral: true } as const;

const dataOf = (stream: FakeStream) => stream.received().map(({ json }) => json);

describe("an ephemeral event", () => {
  // SPEC 88
  it("is written without an id after the events of the tick, in the same write", async () => {
    const { hub, environment } = createTestHub();
    const streams = [connect(hub, "?channels=a,typing"), connect(hub, "?channels=a,typing")];
    const other = connect(hub, "?channels=a");
    void hub.publish("typing", "ann", EPHEMERAL);
    void hub.publish("a", 1);
    void hub.publish("typing", "bob", EPHEMERAL);
    environment.endTick();
    for (const { res, received } of streams) {
      expect(res.writes).toHaveLength(2);
      expect(received().map(({ event, id, json }) => [event, id, json])).toEqual([
        ["a", "epoch0.1", 1],
        ["typing", undefined, "ann"],
        ["typing", undefined, "bob"],
      ]);
    }
    expect(streams[0]!.res.writes[1]).toBe(streams[1]!.res.writes[1]);
    expect(dataOf(other)).toEqual([1]);
    await settle();
    expect(hub.stats()).toMatchObject({ published: 3, deliveries: 7, ephemeralDropped: 0 });
  });

  // SPEC 88
  it("takes no place in the log, is not kept and causes no gap", async () => {
    const { hub, environment } = createTestHub({ history: { size: 1 }, initial: "last" });
    const stream = connect(hub, "?channels=typing");
    for (let index = 0; index < 5; index++) {
      expect(await hub.publish("typing", index, EPHEMERAL)).toEqual({ id: undefined });
    }
    environment.endTick();
    expect(dataOf(stream)).toEqual([0, 1, 2, 3, 4]);
    expect(hub.head).toBe("epoch0.0");
    const resumed = connect(hub, "?channels=typing", stream.parse().lastEventId);
    expect(resumed.hello()).toMatchObject({ resume: "resumed", replayed: 0 });
    const fresh = connect(hub, "?channels=typing");
    expect([resumed, fresh].flatMap((each) => [...each.received(), ...each.gaps()])).toEqual([]);
    expect(change(hub, { conn: connect(hub, "?channels=a").conn(), subscribe: ["typing"] }).status).toBe(200);
    expect(hub.stats().history).toMatchObject({ channels: 0, bytes: 0 });
  });

  // SPEC 88
  it("does not move the position of a stream past an event that was published before it in the tick", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "?channels=a");
    void hub.publish("a", "first", EPHEMERAL);
    void hub.publish("a", 1);
    void hub.publish("b", 2);
    void hub.publish("a", "last", EPHEMERAL);
    environment.endTick();
    expect(dataOf(stream)).toEqual([1, "first", "last"]);
    expect(stream.parse().lastEventId).toBe("epoch0.1");
  });

  // SPEC 89
  it("is missed by a stream that is full or behind, counted, and not kept for it", () => {
    const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 2_000 } });
    const [slow, fine] = [connect(hub), connect(hub)];
    slow.res.stalled = true;
    for (let index = 0; index < 100; index++) {
      void hub.publish("a", `${index} ${"x".repeat(500)}`, EPHEMERAL);
      environment.endTick();
    }
    expect(fine.received()).toHaveLength(100);
    expect(slow.received().length).toBeLessThan(6);
    expect(hub.stats().ephemeralDropped).toBe(100 - slow.received().length);
    expect(hub.metrics()).toContain(`sse_ephemeral_dropped_total ${hub.stats().ephemeralDropped}`);
    const seen = slow.received().length;
    slow.res.drain();
    environment.endTick();
    expect(slow.received()).toHaveLength(seen);
    void hub.publish("a", "again", EPHEMERAL);
    environment.endTick();
    expect(dataOf(slow).at(-1)).toBe("again");
    expect(slow.gaps()).toEqual([]);
  });

  // SPEC 89
  it("is missed by a stream that has events to catch up with", () => {
    const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 10_000 } });
    const stream = connect(hub);
    stream.res.stalled = true;
    for (let index = 0; index < 3; index++) void hub.publish("a", "x".repeat(40_000));
    void hub.publish("a", "typing", EPHEMERAL);
    environment.endTick();
    stream.res.drain();
    expect(dataOf(stream).map((each) => String(each).length)).toEqual([40_000, 40_000, 40_000]);
    expect(hub.stats().ephemeralDropped).toBe(1);
  });

  // SPEC 89
  it("does not pile up, neither in a tick nor when every write is answered with more", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub);
    for (let index = 0; index < 200; index++) void hub.publish("a", "x".repeat(1_000), EPHEMERAL);
    expect(stream.res.writes.length).toBeGreaterThan(2);
    expect(Math.max(...stream.res.writes.map((chunk) => chunk.byteLength))).toBeLessThanOrEqual(65_536);
    environment.endTick();
    expect(stream.received()).toHaveLength(200);
    const { write } = stream.res;
    let first = true;
    stream.res.write = (chunk) => {
      const isFirst = first;
      first = false;
      if (isFirst) for (let index = 0; index < 2_000; index++) void hub.publish("a", "x".repeat(1_000), EPHEMERAL);
      return write(chunk);
    };
    void hub.publish("a", 1);
    environment.endTick();
    const { ephemeralDropped } = hub.stats();
    expect(ephemeralDropped).toBeGreaterThan(900);
    expect(stream.received()).toHaveLength(2_201 - ephemeralDropped);
  });

  // SPEC 88
  it("comes from inside a write to everybody, and after what was published before it", () => {
    const { hub, environment } = createTestHub();
    const streams = [connect(hub), connect(hub)];
    const { write } = streams[0]!.res;
    let first = true;
    streams[0]!.res.write = (chunk) => {
      const isFirst = first;
      first = false;
      if (isFirst) {
        void hub.publish("a", 2);
        void hub.publish("a", "from inside", EPHEMERAL);
      }
      return write(chunk);
    };
    void hub.publish("a", 1);
    environment.endTick();
    for (const stream of streams) expect(dataOf(stream)).toEqual([1, 2, "from inside"]);
  });

  // SPEC 44, 88
  it("reaches a stream once whose channels change meanwhile, and not if it has dropped the channel", () => {
    for (const body of [{ subscribe: ["b"] }, { unsubscribe: ["a"], subscribe: ["b"] }]) {
      const { hub, environment } = createTestHub();
      const first = connect(hub, "?channels=a,b");
      const second = connect(hub, "?channels=a");
      const third = connect(hub, "?channels=a,b");
      const { write } = first.res;
      first.res.write = (chunk) => {
        first.res.write = write;
        change(hub, { conn: second.conn(), ...body });
        change(hub, { conn: third.conn(), unsubscribe: ["a"] });
        return write(chunk);
      };
      void hub.publish("a", "typing", EPHEMERAL);
      environment.endTick();
      expect([first, second, third].map(dataOf)).toEqual([["typing"], ["typing"], []]);
    }
  });

  // SPEC 88
  it("neither answers a held poll nor is in its answer", () => {
    const { hub, environment } = createTestHub();
    void hub.publish("a", 1);
    const held = poll(hub, "?channels=a", hub.head);
    void hub.publish("a", "typing", EPHEMERAL);
    environment.endTick();
    expect(held.json()).toBeUndefined();
    void hub.publish("a", 2);
    environment.endTick();
    expect((held.json() as { events: unknown[] }).events).toMatchObject([{ data: "2" }]);
  });

  // SPEC 88
  it("is checked like any other, and refused by a hub that is closed", async () => {
    const { hub } = createTestHub({ channels: { a: {} } });
    expect(() => hub.publish("b", 1, EPHEMERAL)).toThrow(UnknownChannelError);
    expect(() => hub.publish("a", undefined, EPHEMERAL)).toThrow(InvalidDataError);
    await hub.close({ spreadMs: 0 });
    await expect(hub.publish("a", 1, EPHEMERAL)).rejects.toThrow(HubClosedError);
  });

  // SPEC 88
  it("goes through the log, which may give it a place of its own", async () => {
    let reader: LogReader | undefined;
    const records: unknown[] = [];
    const { hub, environment } = createTestHub({
      log: {
        epoch: "epoch0",
        head: { major: 0, minor: 0 },
        open(target) {
          reader = target;
        },
        append(record) {
          const position = { major: records.push(record), minor: 0 };
          reader?.ingest({ ...record, position });
          return Promise.resolve(position);
        },
        close: async () => {},
      },
    });
    const stream = connect(hub, "?channels=a");
    await hub.publish("a", 1);
    expect(await hub.publish("a", 2, EPHEMERAL)).toEqual({ id: undefined });
    await hub.publish("a", 3);
    environment.endTick();
    expect(records).toMatchObject([{ channel: "a" }, { channel: "a", ephemeral: true }, { channel: "a" }]);
    expect(stream.received().map(({ id, json }) => [id, json])).toEqual([
      ["epoch0.1", 1],
      ["epoch0.3", 3],
      [undefined, 2],
    ]);
    expect(connect(hub, "?channels=a", "epoch0.1").received()).toHaveLength(1);
  });
});

describe("an event to one connection", () => {
  // SPEC 90
  it("reaches that stream only, whatever it carries, in order with the others", async () => {
    const { hub, environment } = createTestHub();
    const [one, two] = [connect(hub, "?channels=a"), connect(hub, "?channels=a")];
    const told = hub.toConnection(one.conn()).publish("b", "for you");
    void hub.publish("a", "typing", EPHEMERAL);
    void hub.publish("a", 1);
    const raw = hub.toConnection(one.conn()).publish("b", "raw", { raw: true });
    environment.endTick();
    expect(await Promise.all([told, raw])).toEqual([true, true]);
    expect(one.res.writes).toHaveLength(2);
    expect(one.received().map(({ event, id, data }) => [event, id, data])).toEqual([
      ["a", "epoch0.1", "1"],
      ["b", undefined, '"for you"'],
      ["a", undefined, '"typing"'],
      ["b", undefined, "raw"],
    ]);
    expect(dataOf(two)).toEqual([1, "typing"]);
    expect(hub.head).toBe("epoch0.1");
  });

  // SPEC 90
  it("resolves with false when the stream is not there, ended, gone meanwhile or full", async () => {
    const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 10 } });
    expect(await hub.toConnection("conn-99").publish("a", 1)).toBe(false);
    const full = connect(hub);
    full.res.stalled = true;
    void hub.publish("a", "x".repeat(100));
    environment.endTick();
    const gone = connect(hub);
    const broken = connect(hub);
    broken.res.write = () => {
      throw new Error("EPIPE");
    };
    const results = [full, gone, broken].map((stream) => hub.toConnection(stream.conn()).publish("a", "late"));
    gone.res.leave();
    environment.endTick();
    expect(await Promise.all(results)).toEqual([false, false, false]);
    const closing = hub.close({ spreadMs: 0, timeoutMs: 100 });
    const ended = hub.toConnection(full.conn()).publish("a", 1);
    environment.endTick();
    expect(await ended).toBe(false);
    environment.advance(100);
    await closing;
    expect(await hub.toConnection(full.conn()).publish("a", 1)).toBe(false);
    expect(environment.pending).toBe(0);
  });

  // SPEC 90
  it("is checked by the definitions", () => {
    const { hub } = createTestHub({ channels: { a: {} } });
    const { conn } = connect(hub);
    expect(() => hub.toConnection(conn()).publish("b", 1)).toThrow(UnknownChannelError);
    expect(() => hub.toConnection(conn()).publish("a", 1, { raw: true } as never)).toThrow(InvalidDataError);
    expect(() => hub.toConnection(conn()).publish("a", 1, { latest: true } as never)).toThrow(OptionError);
  });
});

describe.each(Object.keys(targets) as Target[])("hub.%s", (target) => {
  // SPEC 88, 90
  it("writes events without an id to real clients", async () => {
    const hub = createHub();
    const { open } = await serveHub(target, hub);
    const client = await open("?channels=a");
    await client.until((text) => text.includes("sse.hello"));
    void hub.publish("a", 1, EPHEMERAL);
    expect(await hub.toConnection(connOf(client)).publish("b", 2)).toBe(true);
    await client.until((text) => text.includes("event: b"));
    expect(
      client
        .parse()
        .events.slice(1)
        .map(({ event, id, data }) => [event, id, data]),
    ).toEqual([
      ["a", undefined, "1"],
      ["b", undefined, "2"],
    ]);
    await settle();
  });
});
