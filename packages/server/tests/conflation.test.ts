import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ORIGIN, type Position } from "../src/event-id.ts";
import { createHistory } from "../src/history.ts";
import { defineChannels, type Hub, type LogReader, type LogRecord, type } from "../src/index.ts";
import { createRing, type StoredEntry } from "../src/ring.ts";
import { createFakeResponse } from "./support/fake-response.ts";
import { change, connect, createTestHub, type FakeStream, poll } from "./support/test-hub.ts";

/** Publishes a state of a key. */
function put(hub: Hub, channel: string, key: string, data: unknown) {
  void hub.publish(channel, data, { latest: true, key });
}

function values(stream: FakeStream): unknown[] {
  return stream.received().map(({ json }) => json);
}

describe("an event published with latest", () => {
  // SPEC 100
  it("is refused at once with options that are none", () => {
    const { hub } = createTestHub();
    for (const [options, option] of [
      [{ latest: 1 }, "latest"],
      [{ latest: null }, "latest"],
      [{ latest: true, key: 5 }, "key"],
    ] as const) {
      expect(() => hub.publish("a", 1, options as object)).toThrow(
        expect.objectContaining({ code: "invalid-option", option }),
      );
    }
    expect(hub.head).toBe("epoch0.0");
  });

  // SPEC 100
  it("comes alone of its key when a tick had several, in the same bytes for all", () => {
    const { hub, environment } = createTestHub();
    const streams = [connect(hub), connect(hub)];
    for (let index = 0; index < 5; index++) {
      put(hub, "a", "x", `x${index}`);
      if (index < 3) put(hub, "a", "y", `y${index}`);
      if (index === 2) void hub.publish("a", "between");
    }
    environment.endTick();
    for (const stream of streams) expect(values(stream)).toEqual(["y2", "between", "x4"]);
    expect(streams[0]!.received().map(({ id }) => id)).toEqual(["epoch0.6", "epoch0.7", "epoch0.9"]);
    expect(streams[0]!.res.writes.at(-1)).toBe(streams[1]!.res.writes.at(-1));
    expect(hub.stats()).toMatchObject({ deliveries: 6 });
  });

  // SPEC 100
  it("comes alone of its key also when what was replaced is more than a write", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "?channels=a");
    for (let index = 0; index < 100; index++) put(hub, "a", "x", `${index} ${"x".repeat(5_000)}`);
    environment.endTick();
    expect(values(stream)).toEqual([expect.stringMatching(/^99 /)]);
  });

  // SPEC 24, 100
  it("does not wait for the end of the tick with more than a write of other keys, whatever it replaces", () => {
    const large = "x".repeat(60_000);
    for (const prepare of [
      (hub: Hub, endTick: () => void) => {
        put(hub, "a", "0", large);
        endTick();
      },
      (hub: Hub) => {
        put(hub, "a", "0", large);
      },
    ]) {
      const { hub, environment } = createTestHub({ initial: "none" });
      const early = connect(hub, "?channels=b");
      if (prepare.length > 1) connect(hub, "?channels=a");
      prepare(hub, environment.endTick);
      const stream = connect(hub, "?channels=a");
      for (let index = 0; index < 20; index++) put(hub, "a", String(index), "x".repeat(5_000));
      expect(stream.received()).toHaveLength(13);
      expect(early.received()).toEqual([]);
    }
  });

  // SPEC 100
  it("is all of its key that a peer gets which has fallen behind", () => {
    const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 100 } });
    const res = createFakeResponse();
    res.stalled = true;
    const stream = connect(hub, "", undefined, undefined, res);
    put(hub, "a", "x", "held by the platform");
    environment.endTick();
    for (let index = 0; index < 1_000; index++) {
      put(hub, "a", index % 3 === 0 ? "x" : "y", index);
      environment.endTick();
    }
    const before = values(stream).length;
    res.drain();
    expect(values(stream).slice(before)).toEqual([998, 999]);
    expect(stream.gaps()).toEqual([]);
    expect(stream.parse().lastEventId).toBe(hub.head);
  });

  // SPEC 100
  it("is all of its key that a replay and a poll have, with nothing lost", () => {
    const { hub } = createTestHub({ history: { size: 3 } });
    void hub.publish("a", "first");
    for (let index = 0; index < 500; index++) put(hub, "a", index % 2 === 0 ? "x" : "y", index);
    const stream = connect(hub, "", "epoch0.0");
    expect(stream.hello()).toMatchObject({ resume: "resumed", replayed: 3 });
    expect(values(stream)).toEqual(["first", 498, 499]);
    const { json } = poll(hub, "?wait=0", "epoch0.0");
    expect(json()).toMatchObject({ gaps: [], id: hub.head, events: [{ data: '"first"' }, {}, { data: "499" }] });
    expect(hub.stats()).toMatchObject({ replayed: 3, gaps: { trimmed: 0 } });
  });

  // SPEC 100
  it("leaves nothing of what it replaced in the accounts", () => {
    const { hub } = createTestHub();
    put(hub, "a", "x", "new");
    const once = hub.stats().history;
    const other = createTestHub().hub;
    for (let index = 0; index < 100; index++) put(other, "a", "x", index === 99 ? "new" : "x".repeat(index * 10));
    const { bytes, recent } = other.stats().history;
    // The id is one character longer.
    expect([bytes, recent]).toEqual([
      once.bytes + 1,
      [{ channel: "a", entries: 1, bytes: once.recent[0]!.bytes + 1, listeners: 0 }],
    ]);
  });

  // SPEC 100
  it("has the key of the option, else of the definition, else the one of the channel", () => {
    const channels = defineChannels({
      stock: { ...type<{ id: string; left: number }>(), key: ({ id }) => id },
      plain: type<number>(),
    });
    const { hub } = createTestHub({ channels });
    const latest = true;
    void hub.publish("stock", { id: "a", left: 1 }, { latest });
    void hub.publish("stock", { id: "b", left: 2 }, { latest });
    void hub.publish("stock", { id: "c", left: 3 }, { latest, key: "a" });
    void hub.publish("stock", "raw 1", { latest, raw: true });
    void hub.publish("stock", "raw 2", { latest, raw: true });
    void hub.publish("plain", 4, { latest });
    void hub.publish("plain", 5, { latest, key: "" });
    expect(
      connect(hub, "", "epoch0.0")
        .received()
        .map(({ data }) => data),
    ).toEqual(['{"id":"b","left":2}', '{"id":"c","left":3}', "raw 2", "5"]);
  });

  // SPEC 11, 100
  it("is checked by the schema also when it brings its key", () => {
    const schema = { "~standard": { version: 1, vendor: "test", validate: () => ({ issues: [{ message: "no" }] }) } };
    const { hub } = createTestHub({ channels: { a: { schema } } });
    expect(() => hub.publish("a", 1, { latest: true, key: "x" })).toThrow(
      expect.objectContaining({ code: "invalid-data" }),
    );
  });

  // SPEC 100
  it("replaces no event of its key that was published without, nor one of another channel", () => {
    const { hub } = createTestHub();
    void hub.publish("a", "event", { key: "x" });
    put(hub, "a", "x", "old");
    put(hub, "b", "x", "other");
    void hub.publish("a", "later event", { key: "x" });
    put(hub, "a", "x", "new");
    expect(values(connect(hub, "", "epoch0.0"))).toEqual(["event", "other", "later event", "new"]);
  });

  // SPEC 39, 100
  it("is told to the log, and taken from it", () => {
    let reader!: LogReader;
    const records: LogRecord[] = [];
    const log = {
      epoch: "shared",
      head: ORIGIN,
      open: (given: LogReader) => {
        reader = given;
      },
      append: async (record: LogRecord) => {
        records.push(record);
        return ORIGIN;
      },
      close: async () => {},
    };
    const { hub } = createTestHub({ log });
    put(hub, "a", "x", 1);
    void hub.publish("a", 2);
    expect(records).toMatchObject([
      { channel: "a", key: "x", latest: true },
      { key: undefined, latest: false },
    ]);
    for (const major of [1, 2, 3]) reader.ingest({ ...records[0]!, position: { major, minor: 7 } });
    expect(connect(hub, "", "shared.0").received()).toMatchObject([{ id: "shared.3-7" }]);
  });
});

describe("a stream that begins", () => {
  // SPEC 101
  it("has the newest state of each key first, where nothing else is configured", () => {
    const { hub, environment } = createTestHub({ initial: { none: "none", one: 1, last: "last", "all/*": "last" } });
    for (const channel of ["quiet", "none", "one", "last", "all/1"]) {
      void hub.publish(channel, `${channel} event`);
      for (let index = 0; index < 4; index++) put(hub, channel, index % 2 === 0 ? "x" : "y", `${channel} ${index}`);
      void hub.publish(channel, `${channel} end`);
    }
    const expected = [
      "quiet 2",
      "quiet 3",
      "one end",
      ...["last", "all/1"].flatMap((name) => [`${name} 2`, `${name} 3`, `${name} end`]),
    ];
    const stream = connect(hub);
    expect(values(stream)).toEqual(expected);
    expect(stream.hello()).toMatchObject({ resume: "fresh", replayed: expected.length });
    expect(poll(hub).json()).toMatchObject({ events: expected.map((data) => ({ data: JSON.stringify(data) })) });
    expect(values(connect(hub, "?channels=quiet"))).toEqual(["quiet 2", "quiet 3"]);
    put(hub, "quiet", "x", "live");
    environment.endTick();
    expect(values(stream).at(-1)).toBe("live");
  });

  // SPEC 101
  it.each(["none", 1, "last"] as const)("goes by initial: %j of the hub", (initial) => {
    const { hub } = createTestHub({ initial });
    for (const key of ["x", "y"]) put(hub, "a", key, key);
    expect(values(connect(hub))).toEqual({ none: [], 1: ["y"], last: ["x", "y"] }[initial]);
  });

  // SPEC 47, 101
  it("or adds a channel has its states before the marker", () => {
    const { hub } = createTestHub();
    for (const key of ["x", "y"]) put(hub, "a", key, key);
    const stream = connect(hub, "?channels=b");
    expect(change(hub, { conn: stream.conn(), subscribe: ["a"] }).status).toBe(200);
    expect(stream.script()).toEqual([
      ["a", undefined, "x"],
      ["a", undefined, "y"],
      ["sse.subscribed", { channel: "a", pos: "2" }],
    ]);
  });

  // SPEC 92, 101
  it("has one state of a key that the channel and its mail have both", () => {
    const { hub } = createTestHub();
    const latest = true;
    put(hub, "a", "x", "to all who listen");
    void hub.toUser("ann").publish("a", "to ann", { latest, key: "x" });
    void hub.broadcast("b", "to everybody", { latest });
    void hub.publish("b", "to listeners", { latest, key: "" });
    const ann = { user: "ann" };
    expect(values(connect(hub, "", undefined, ann))).toEqual(["to ann", "to listeners"]);
    expect(values(connect(hub))).toEqual(["to all who listen", "to listeners"]);
    expect(poll(hub, "", undefined, ann).json()).toMatchObject({ events: [{ id: "epoch0.2" }, { id: "epoch0.4" }] });
    // Who comes back has been handed none of them, and an address replaces nothing of another.
    expect(connect(hub, "", "epoch0.0", ann).received()).toHaveLength(4);
  });

  // SPEC 101
  it("has as many as a replay may have, the newest", () => {
    const { hub } = createTestHub({ replayMax: 2 });
    for (const key of ["x", "y", "z"]) put(hub, "a", key, key);
    expect(values(connect(hub))).toEqual(["y", "z"]);
  });

  // SPEC 28, 101
  it("looks at no channel that has nothing for it", () => {
    let time = 0;
    let major = 0;
    const history = createHistory({
      limitsFor: (channel) => ({ size: channel === "short" ? 1 : 10, bytes: 1e6, ttlMs: 1_000 }),
      initialFor: (channel) => (channel === "silent" ? "none" : channel === "last" ? "last" : "latest"),
      totalBytes: 1e6,
      now: () => time,
    });
    const add = (channel: string, latest: boolean) => {
      const position: Position = { major: ++major, minor: 0 };
      history.add({ channel, position, frame: new Uint8Array(1), key: undefined, latest, at: time });
      history.settle();
    };
    const openers = () => [...history.openers].map(({ channel }) => channel).sort();
    add("events", false);
    expect(openers()).toEqual([]);
    add("silent", true);
    add("state", true);
    add("short", true);
    add("last", false);
    expect(openers()).toEqual(["last", "short", "state"]);
    add("short", false);
    expect(openers()).toEqual(["last", "state"]);
    time = 1_000;
    history.expire();
    expect(openers()).toEqual([]);
    for (let index = 0; index < 500; index++) add(`c/${index}`, true);
    // Those that were forgotten are not among them.
    expect(history.channels).toBeLessThan(500);
    expect(openers()).toEqual([...history.recent(500)].map(({ channel }) => channel).sort());
  });
});

describe("a ring", () => {
  // SPEC 100
  it("is like an array from which replaced states are taken out, and loses nothing by that", () => {
    const step = fc.record({
      do: fc.constantFrom("state", "state", "event", "shift"),
      key: fc.constantFrom("x", "y", "z", undefined),
      bytes: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const ring = createRing("a", ORIGIN);
        let model: StoredEntry[] = [];
        let lost = 0;
        let major = 0;
        for (const { do: what, key, bytes } of steps) {
          if (what === "shift") {
            lost = model.shift()?.position.major ?? lost;
            ring.shift();
            continue;
          }
          const latest = what === "state";
          const frame = new Uint8Array(bytes);
          const entry = { channel: "a", position: { major: ++major, minor: 0 }, frame, key, latest, at: 0 };
          const replaced = model.find((each) => latest && each.latest && each.key === key);
          model = [...model.filter((each) => each !== replaced), entry];
          expect(ring.push(entry)).toBe(replaced);
        }
        expect(Array.from({ length: ring.size + 1 }, (_, index) => ring.at(index))).toEqual([...model, undefined]);
        expect(ring).toMatchObject({
          bytes: model.reduce((sum, { frame }) => sum + frame.byteLength, 0),
          states: model.filter(({ latest }) => latest).length,
          newest: { major },
          lostUpTo: { major: lost },
        });
        for (let after = 0; after <= major; after++) {
          expect(ring.indexAfter({ major: after, minor: 0 })).toBe(
            model.filter(({ position }) => position.major <= after).length,
          );
        }
      }),
    );
  });
});
