import { afterEach, describe, expect, it, vi } from "vitest";
import {
  createHub,
  HubClosedError,
  type LogReader,
  OptionError,
  ReservedEventError,
  UnknownChannelError,
} from "../src/index.ts";
import { createFakeResponse } from "./support/fake-response.ts";
import { cleanUp, serveHub, type Target, targets } from "./support/live-server.ts";
import { change, connect, createTestHub, type FakeStream, poll, settle } from "./support/test-hub.ts";

afterEach(cleanUp);

const ANN = { user: "ann" };
const BOB = { user: "bob" };

const dataOf = (stream: FakeStream) => stream.received().map(({ json }) => json);

/** Takes one write and then no more, until it is drained. */
function stallAfterWrite({ res }: FakeStream) {
  const { write } = res;
  res.write = (chunk) => {
    res.write = write;
    res.stalled = true;
    return write(chunk);
  };
}

describe("an event to a user", () => {
  // SPEC 91
  it("reaches every stream of the user with its id and event name, whatever they carry, and nobody else", async () => {
    const { hub, environment } = createTestHub({ channels: { a: {}, notes: { event: "note" } } });
    const anns = ["?channels=a", "?channels=notes", "?channels="].map((query) => connect(hub, query, undefined, ANN));
    const others = [connect(hub, "", undefined, BOB), connect(hub)];
    expect(await hub.toUser("ann").publish("notes", "for ann")).toEqual({ id: "epoch0.1" });
    void hub.publish("a", 1);
    environment.endTick();
    for (const stream of anns) {
      expect(stream.received()[0]).toMatchObject({ event: "note", id: "epoch0.1", json: "for ann" });
      expect(stream.res.writes).toHaveLength(2);
    }
    for (const stream of others) expect(dataOf(stream)).toEqual([1]);
    expect(anns[2]!.hello()).toMatchObject({ channels: [] });
    expect(JSON.stringify(hub.stats())).not.toMatch(/\bann\b/);
  });

  // SPEC 92
  it("is replayed to the user like any other, and counted in hello", () => {
    const { hub } = createTestHub();
    void hub.publish("a", 1);
    void hub.toUser("ann").publish("x", 2);
    void hub.publish("b", 3);
    void hub.broadcast("x", 4);
    void hub.toUser("bob").publish("a", 5);
    const ann = connect(hub, "?channels=a", "epoch0.0", ANN);
    expect(ann.hello()).toMatchObject({ resume: "resumed", replayed: 3, channels: ["a"] });
    expect(ann.script()).toEqual([
      ["a", "epoch0.1", 1],
      ["x", "epoch0.2", 2],
      ["x", "epoch0.4", 4],
    ]);
    expect(ann.parse().lastEventId).toBe("epoch0.5");
    expect(dataOf(connect(hub, "?channels=a", "epoch0.0", BOB))).toEqual([1, 4, 5]);
    expect(dataOf(connect(hub, "?channels=a", "epoch0.0"))).toEqual([1, 4]);
  });

  // SPEC 91
  it.each(["@user/ann", "@user/*", "@all", "@*/ann", "*", "**", "*/*", "*/ann"])(
    "cannot be asked for by others as %s",
    (name) => {
      const { hub, environment } = createTestHub();
      const query = `?channels=${encodeURIComponent(name)}`;
      const streams = [connect(hub, query, undefined, BOB), connect(hub, query)];
      const held = poll(hub, query, hub.head, BOB);
      const changed = connect(hub, "?channels=a", undefined, BOB);
      const { status } = change(hub, { conn: changed.conn(), subscribe: [name], since: { [name]: hub.head } }, BOB);
      expect(status).toBe(name.startsWith("@") ? 400 : 200);
      void hub.toUser("ann").publish("x", "secret");
      environment.endTick();
      expect(held.json()).toBeUndefined();
      const late = [connect(hub, query, "epoch0.0", BOB), connect(hub, query, "epoch0.0")];
      for (const stream of [...streams, ...late, changed]) expect(stream.res.text).not.toContain("secret");
      expect(poll(hub, `${query}&wait=0`, "epoch0.0", BOB).json()).toMatchObject({ events: [], gaps: [] });
      const again = change(hub, { conn: changed.conn(), subscribe: [name], since: { [name]: "epoch0.0" } }, BOB);
      expect(again.status).toBe(status);
      expect(changed.res.text).not.toContain("secret");
    },
  );

  // SPEC 91
  it("cannot be allowed or published by such a name either", () => {
    const { hub } = createTestHub();
    expect(() => connect(hub, "", undefined, { channels: ["@user/ann"] })).toThrow(ReservedEventError);
    expect(() => hub.publish("@user/ann", 1)).toThrow(ReservedEventError);
    expect(() => hub.toUser("ann").publish("@all", 1)).toThrow(ReservedEventError);
  });

  // SPEC 91
  it("is checked like any other, and so is the user", async () => {
    const { hub } = createTestHub({ channels: { a: {} } });
    expect(() => hub.toUser("")).toThrow(OptionError);
    expect(() => hub.toUser(undefined as never)).toThrow(OptionError);
    expect(() => hub.toUser("ann").publish("b", 1)).toThrow(UnknownChannelError);
    expect(() => hub.broadcast("b", 1)).toThrow(UnknownChannelError);
    expect(() => createHub({ userHistoryBytes: 0 })).toThrow(OptionError);
    await hub.close({ spreadMs: 0 });
    await expect(hub.toUser("ann").publish("a", 1)).rejects.toThrow(HubClosedError);
  });

  // SPEC 91
  it("is not mixed up with that of a user whose name looks like an address or is inherited", () => {
    const { hub, environment } = createTestHub();
    const users = ["@all", "*", "**", "ann/x", "@user/ann", "__proto__", "constructor"];
    const streams = users.map((user) => connect(hub, "?channels=a", undefined, { user }));
    const ann = connect(hub, "?channels=a", undefined, ANN);
    for (const user of users) void hub.toUser(user).publish("x", user);
    environment.endTick();
    expect(streams.map(dataOf)).toEqual(users.map((user) => [user]));
    expect(dataOf(ann)).toEqual([]);
  });

  // SPEC 91
  it("goes through the log with its address, and one with an unknown address is nobody's", async () => {
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
          records.push(record);
          return Promise.resolve({ major: records.length, minor: 0 });
        },
        close: async () => {},
      },
    });
    const stream = connect(hub, "", undefined, ANN);
    await hub.toUser("ann").publish("x", 1);
    await hub.broadcast("x", 2, { ephemeral: true });
    expect(records).toMatchObject([{ to: "@user/ann" }, { to: "@all", ephemeral: true }]);
    const entry = { channel: "x", body: "event: x\ndata: 1\n\n", key: undefined };
    reader?.ingest({ ...entry, to: "@group/1", position: { major: 1, minor: 0 } });
    reader?.ingest({ ...entry, to: "@user/ann", position: { major: 2, minor: 0 } });
    environment.endTick();
    expect(stream.received().map(({ id }) => id)).toEqual(["epoch0.2"]);
  });

  // SPEC 91
  it("is written without looking at the streams of other users", () => {
    const { hub, environment } = createTestHub();
    const idle = Array.from({ length: 50 }, () => connect(hub, "", undefined, BOB));
    const ann = connect(hub, "", undefined, ANN);
    const length = vi.fn(() => 0);
    for (const { res } of idle) Object.defineProperty(res, "writableLength", { get: length });
    void hub.toUser("ann").publish("x", 1);
    environment.endTick();
    expect(length).not.toHaveBeenCalled();
    expect(dataOf(ann)).toEqual([1]);
  });

  // SPEC 23, 91
  it("leaves the bytes of a tick shared between all others, whoever they are", () => {
    const { hub, environment } = createTestHub();
    const ann = connect(hub, "", undefined, ANN);
    const others = Array.from({ length: 5 }, (_, index) => connect(hub, "", undefined, { user: `user-${index}` }));
    void hub.publish("a", 1);
    void hub.toUser("ann").publish("x", 2);
    void hub.broadcast("x", 3);
    environment.endTick();
    expect(dataOf(ann)).toEqual([1, 2, 3]);
    expect(new Set(others.map(({ res }) => res.writes[1])).size).toBe(1);
    expect(dataOf(others[0]!)).toEqual([1, 3]);
  });

  // SPEC 30, 91
  it("leaves nothing behind when the user has left", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "", undefined, ANN);
    poll(hub, "", hub.head, ANN).res.leave();
    stream.res.leave();
    void hub.toUser("ann").publish("x", 1);
    expect(environment.pending).toBe(0);
  });

  // SPEC 35, 91
  it("is written before the hub ends the stream", async () => {
    const { hub } = createTestHub();
    const stream = connect(hub, "", undefined, ANN);
    void hub.toUser("ann").publish("x", 1);
    await hub.close({ spreadMs: 0 });
    expect(stream.parse().events.map(({ event }) => event)).toEqual(["sse.hello", "x", "sse.bye"]);
  });

  // SPEC 88, 91
  it("can be ephemeral", async () => {
    const { hub, environment } = createTestHub();
    const ann = connect(hub, "?channels=a", undefined, ANN);
    const bob = connect(hub, "?channels=a", undefined, BOB);
    expect(await hub.toUser("ann").publish("x", 1, { ephemeral: true })).toEqual({ id: undefined });
    void hub.broadcast("x", 2, { ephemeral: true });
    void hub.publish("a", 3, { ephemeral: true });
    environment.endTick();
    expect([dataOf(ann), dataOf(bob)]).toEqual([
      [1, 2, 3],
      [2, 3],
    ]);
    expect(hub.stats().mailboxes).toEqual({ users: 0, bytes: 0 });
  });

  // SPEC 91
  it("is not skipped when a write publishes it, and then something for streams that are yet to be told", () => {
    const { hub, environment } = createTestHub();
    const first = connect(hub, "?channels=b");
    const ann = connect(hub, "?channels=a", undefined, ANN);
    const { write } = first.res;
    first.res.write = (chunk) => {
      first.res.write = write;
      void hub.toUser("ann").publish("x", "for ann");
      void hub.publish("a", "for all");
      return write(chunk);
    };
    void hub.broadcast("b", "typing", { ephemeral: true });
    environment.endTick();
    environment.endTick();
    expect(dataOf(ann)).toEqual(["for ann", "for all", "typing"]);
    expect(ann.parse().lastEventId).toBe(hub.head);
  });

  // SPEC 91
  it("wakes the held polls of the user and of nobody else", () => {
    const { hub, environment } = createTestHub();
    const polls = [ANN, BOB].map((options) => poll(hub, "?channels=a", hub.head, options));
    void hub.toUser("ann").publish("x", 1);
    environment.endTick();
    expect(polls[0]!.json()).toMatchObject({ events: [{ id: "epoch0.1", event: "x", data: "1" }], id: "epoch0.1" });
    expect(polls[1]!.json()).toBeUndefined();
    void hub.broadcast("x", 2);
    environment.endTick();
    expect(polls[1]!.json()).toMatchObject({ events: [{ id: "epoch0.2" }] });
    expect(environment.pending).toBe(0);
  });
});

describe("what is kept for a user", () => {
  // SPEC 92
  it("is limited like its channel, and what is lost is a gap of that channel only", () => {
    const { hub } = createTestHub({ history: { size: 2, channels: { y: { size: 5 }, z: false } } });
    for (let index = 0; index < 3; index++) {
      void hub.toUser("ann").publish("x", index);
      void hub.toUser("ann").publish("y", index);
    }
    void hub.toUser("ann").publish("z", 1);
    const ann = connect(hub, "?channels=a", "epoch0.0", ANN);
    expect(ann.gaps()).toEqual([{ channels: ["z", "x"], reason: "trimmed", from: "epoch0.0", to: "epoch0.7" }]);
    expect(ann.received().map(({ event, json }) => [event, json])).toEqual([
      ["y", 0],
      ["y", 1],
      ["y", 2],
    ]);
    expect(connect(hub, "?channels=a", "epoch0.0", BOB).gaps()).toEqual([]);
  });

  // SPEC 92
  it("is not sent when the channel itself has a gap, nor the other way round", () => {
    const { hub } = createTestHub({ history: { size: 1 } });
    void hub.toUser("ann").publish("a", "mail");
    for (let index = 0; index < 2; index++) void hub.publish("a", index);
    const ann = connect(hub, "?channels=a", "epoch0.0", ANN);
    expect(ann.gaps()).toMatchObject([{ channels: ["a"], reason: "trimmed" }]);
    expect(ann.received()).toEqual([]);
    for (let index = 0; index < 2; index++) void hub.toUser("bob").publish("a", index);
    const bob = connect(hub, "?channels=a", "epoch0.2", BOB);
    expect(bob.gaps()).toMatchObject([{ channels: ["a"], reason: "trimmed" }]);
    expect(bob.received()).toEqual([]);
  });

  // SPEC 92
  it("is known to be lost long after it has grown too old", () => {
    const { hub, environment } = createTestHub({ history: { ttlMs: 1_000 } });
    void hub.toUser("ann").publish("x", 1);
    environment.advance(60_000);
    expect(connect(hub, "?channels=a", "epoch0.0", ANN).gaps()).toMatchObject([{ channels: ["x"], reason: "trimmed" }]);
    expect(connect(hub, "?channels=a", "epoch0.1", ANN).gaps()).toEqual([]);
    expect(connect(hub, "?channels=a", "epoch0.0", BOB).gaps()).toEqual([]);
  });

  // SPEC 94
  it("stays bounded however many users are addressed, and who was forgotten is told", () => {
    const { hub } = createTestHub({ userHistoryBytes: 100_000 });
    void hub.publish("a", 1);
    for (let user = 0; user < 2_000; user++) {
      void hub.toUser(`user-${user}`).publish("x", user);
      expect(hub.stats().mailboxes.bytes).toBeLessThanOrEqual(100_000);
    }
    const { users } = hub.stats().mailboxes;
    expect(users).toBeGreaterThan(10);
    expect(users).toBeLessThan(30);
    const first = connect(hub, "?channels=a", "epoch0.0", { user: "user-0" });
    expect(first.gaps()).toEqual([{ channels: ["**"], reason: "forgotten", from: "epoch0.0", to: "epoch0.1jl" }]);
    expect(first.received()).toEqual([]);
    const last = connect(hub, "?channels=a", `epoch0.${(1_999).toString(36)}`, { user: "user-1999" });
    expect(last.gaps()).toEqual([]);
    expect(dataOf(last)).toEqual([1_999]);
    // Whoever has no mail, and whoever was here all the time, has lost nothing.
    expect(connect(hub, "?channels=a", "epoch0.0").gaps()).toEqual([]);
    expect(connect(hub, "?channels=a", hub.head, BOB).gaps()).toEqual([]);
  });

  // SPEC 94
  it("costs a stream nothing that was here when others were forgotten", () => {
    const { hub, environment } = createTestHub({ userHistoryBytes: 10_000 });
    const ann = connect(hub, "?channels=a", undefined, ANN);
    void hub.toUser("ann").publish("x", "first");
    environment.endTick();
    for (let user = 0; user < 50; user++) {
      void hub.toUser(`user-${user}`).publish("x", user);
      environment.endTick();
    }
    void hub.toUser("ann").publish("x", "second");
    void hub.publish("a", "third");
    environment.endTick();
    expect(dataOf(ann)).toEqual(["first", "second", "third"]);
    expect(ann.gaps()).toEqual([]);
  });

  // SPEC 94
  it("is apart from what is kept for everybody", () => {
    const { hub, environment } = createTestHub({ userHistoryBytes: 10_000 });
    void hub.broadcast("x", 0);
    for (let user = 0; user < 50; user++) void hub.toUser(`user-${user}`).publish("x", user);
    expect(dataOf(connect(hub, "?channels=a", "epoch0.0"))).toEqual([0]);
    for (let index = 0; index < 50; index++) void hub.broadcast(`y/${index}`, index);
    environment.endTick();
    expect(connect(hub, "?channels=a", "epoch0.0").gaps()).toMatchObject([{ channels: ["**"], reason: "forgotten" }]);
  });

  // SPEC 22, 92
  it("counts against replayMax, naming each channel once", () => {
    const { hub } = createTestHub({ replayMax: 3 });
    for (let index = 0; index < 2; index++) {
      void hub.publish("a", index);
      void hub.toUser("ann").publish("a", index);
    }
    const ann = connect(hub, "?channels=a", "epoch0.0", ANN);
    expect(ann.gaps()).toMatchObject([{ channels: ["a"], reason: "replay-limit" }]);
    expect(dataOf(connect(hub, "?channels=a", "epoch0.0", BOB))).toEqual([0, 1]);
  });

  // SPEC 21, 92
  it("takes part in what a stream begins with, the channel and its mail as one", () => {
    const { hub } = createTestHub({
      initial: { a: "last", b: 2, k: "last" },
      channels: { a: {}, b: {}, k: { key: (data) => String((data as { id: number }).id) }, n: {} },
    });
    void hub.publish("a", 1);
    void hub.toUser("ann").publish("a", 2);
    void hub.toUser("ann").publish("b", 3);
    void hub.publish("b", 4);
    void hub.broadcast("b", 5);
    void hub.publish("k", { id: 1 });
    void hub.toUser("ann").publish("k", { id: 2 });
    void hub.toUser("ann").publish("k", { id: 1 });
    void hub.toUser("ann").publish("n", 9);
    const ann = connect(hub, "?channels=a,b,k", undefined, ANN);
    expect(ann.hello()).toMatchObject({ resume: "fresh", replayed: 5 });
    expect(dataOf(ann)).toEqual([2, 4, 5, { id: 2 }, { id: 1 }]);
    expect(dataOf(connect(hub, "?channels=a,b", undefined, BOB))).toEqual([1, 4, 5]);
    expect(poll(hub, "?channels=a", undefined, ANN).json()).toMatchObject({
      events: [{ data: "2" }, { data: "3" }, { data: "5" }, {}, {}],
    });
  });
});

describe("mail of a stream whose channels change", () => {
  // SPEC 93
  it("comes without ids for an added channel after its since, as a client ignores what it does not listen to", () => {
    const { hub, environment } = createTestHub();
    const ann = connect(hub, "?channels=a", undefined, ANN);
    void hub.toUser("ann").publish("x", 1);
    void hub.publish("x", 2);
    void hub.toUser("bob").publish("x", 3);
    void hub.broadcast("y", 4);
    environment.endTick();
    change(hub, { conn: ann.conn(), subscribe: ["x"], since: { x: "epoch0.0" } }, ANN);
    expect(ann.script()).toEqual([
      ["x", "epoch0.1", 1],
      ["y", "epoch0.4", 4],
      ["x", undefined, 1],
      ["x", undefined, 2],
      ["sse.subscribed", { channel: "x", pos: "4" }],
    ]);
    void hub.toUser("ann").publish("x", 5);
    environment.endTick();
    expect(ann.script().at(-1)).toEqual(["x", "epoch0.5", 5]);
  });

  // SPEC 93
  it("is not sent twice under a pattern whose since is ahead of the stream", () => {
    const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 10 } });
    const ann = connect(hub, "?channels=a", undefined, ANN);
    ann.res.stalled = true;
    void hub.publish("a", "x".repeat(100));
    environment.endTick();
    void hub.toUser("ann").publish("c/1", "seen");
    void hub.toUser("ann").publish("d", "not seen");
    environment.endTick();
    change(hub, { conn: ann.conn(), subscribe: ["c/*"], since: { "c/*": hub.head } }, ANN);
    ann.res.drain();
    expect(dataOf(ann).slice(1)).toEqual(["not seen"]);
  });

  // SPEC 93
  it("keeps what the stream began with although its channel is not carried", () => {
    const { hub, environment } = createTestHub({ initial: { x: 5 }, slow: { maxBufferedBytes: 10 } });
    for (let index = 0; index < 3; index++) void hub.toUser("ann").publish("x", index + "x".repeat(40_000));
    const res = createFakeResponse();
    res.stalled = true;
    const ann = connect(hub, "?channels=a", undefined, ANN, res);
    expect(ann.received()).toHaveLength(1);
    change(hub, { conn: ann.conn(), subscribe: ["b"], unsubscribe: ["a"] }, ANN);
    res.drain();
    environment.endTick();
    expect(ann.received().map(({ id }) => id)).toEqual(["epoch0.1", "epoch0.2", "epoch0.3"]);
  });

  /** A stream that was told that mail of x is lost, and is still behind. */
  function tellLoss() {
    const { hub, environment } = createTestHub({ history: { size: 2 }, slow: { maxBufferedBytes: 10 } });
    const ann = connect(hub, "?channels=a", undefined, ANN);
    ann.res.stalled = true;
    void hub.publish("a", "x".repeat(100));
    environment.endTick();
    for (let index = 0; index < 2; index++) void hub.publish("a", index + "x".repeat(40_000));
    for (let index = 0; index < 3; index++) void hub.toUser("ann").publish("x", index);
    environment.endTick();
    stallAfterWrite(ann);
    ann.res.drain();
    expect(ann.gaps()).toHaveLength(1);
    return { hub, environment, ann };
  }

  // SPEC 17, 93
  it("has a gap of a channel that is not carried told once", () => {
    const { hub, ann } = tellLoss();
    change(hub, { conn: ann.conn(), subscribe: ["b"] }, ANN);
    ann.res.drain();
    expect(ann.gaps()).toMatchObject([{ channels: ["x"], reason: "slow" }]);
    expect(ann.received().map(({ event }) => event)).toEqual(["a", "a", "a"]);
  });

  // SPEC 93
  it("brings what follows since when that channel is added then", () => {
    const { hub, ann } = tellLoss();
    change(hub, { conn: ann.conn(), subscribe: ["x"], since: { x: "epoch0.4" } }, ANN);
    ann.res.drain();
    expect(ann.gaps()).toHaveLength(1);
    expect(ann.received().map(({ event, id }) => [event, id])).toEqual([
      ["a", "epoch0.1"],
      ["a", "epoch0.2"],
      ["a", "epoch0.3"],
      ["x", "epoch0.5"],
      ["x", "epoch0.6"],
    ]);
  });
});

describe.each(Object.keys(targets) as Target[])("hub.%s", (target) => {
  // SPEC 91, 92
  it("brings real clients what is addressed to them, live, resumed and polled", async () => {
    const hub = createHub();
    const { open, poll: ask } = await serveHub(target, hub, ANN);
    const client = await open("?channels=a");
    await client.until((text) => text.includes("sse.hello"));
    const start = hub.head;
    const held = ask("?channels=a", start).reply;
    await settle();
    void hub.toUser("bob").publish("x", "for bob");
    void hub.toUser("ann").publish("x", "for ann");
    void hub.broadcast("y", "for all");
    await client.until((text) => text.includes("for all"));
    expect(client.text()).not.toContain("for bob");
    expect(client.parse().events.slice(1)).toMatchObject([{ json: "for ann" }, { json: "for all" }]);
    const answer = (await held).json as { events: unknown[] };
    if (answer.events.length > 0) expect(JSON.stringify(answer)).not.toContain("for bob");
    const again = await open("?channels=a", start);
    await again.until((text) => text.includes("for all"));
    expect(again.parse().events.slice(1)).toMatchObject([{ json: "for ann" }, { json: "for all" }]);
    expect((await ask("?channels=a", start).reply).json).toMatchObject({ events: [{}, {}] });
  });
});
