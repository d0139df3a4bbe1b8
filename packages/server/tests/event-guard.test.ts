import { afterEach, describe, expect, it, vi } from "vitest";
import { type AuthorizeEvent, createHub, type EventInfo, OptionError } from "../src/index.ts";
import { cleanUp, serveHub, type Target, targets } from "./support/live-server.ts";
import { change, connect, createTestHub, type FakeStream, poll, settle } from "./support/test-hub.ts";

afterEach(cleanUp);

const ANN = { user: "ann" };
const EPHEMERAL = { ephemeral: true } as const;

/** Whoever has no owner, or is it. */
const byOwner: AuthorizeEvent = ({ user }, { data }) => {
  const { owner } = data as { owner?: string };
  return owner === undefined || owner === user;
};

const dataOf = (stream: FakeStream) => stream.received().map(({ json }) => json);
const numbersOf = (stream: FakeStream) => dataOf(stream).map((each) => (each as { n: number }).n);

describe("authorizeEvent", () => {
  // SPEC 95
  it("decides who gets an event, live, kept or not, addressed or not", async () => {
    const { hub, environment } = createTestHub({ authorizeEvent: byOwner });
    const ann = connect(hub, "", undefined, ANN);
    const bob = connect(hub, "", undefined, { user: "bob" });
    void hub.publish("a", { n: 1, owner: "ann" });
    void hub.publish("a", { n: 2 });
    void hub.publish("a", { n: 3, owner: "bob" });
    void hub.broadcast("a", { n: 4, owner: "ann" });
    void hub.toUser("bob").publish("a", { n: 5, owner: "ann" });
    void hub.publish("a", { n: 6, owner: "bob" }, EPHEMERAL);
    const told = hub.toConnection(ann.conn()).publish("a", { n: 7, owner: "bob" });
    environment.endTick();
    expect([numbersOf(ann), numbersOf(bob)]).toEqual([
      [1, 2, 4],
      [2, 3, 6],
    ]);
    expect(await told).toBe(false);
    expect(hub.stats()).toMatchObject({ deliveries: 6, ephemeralDropped: 0 });
  });

  // SPEC 95
  it("leaves out what it denies from a replay and its count, and moves the position past it", () => {
    const { hub, environment } = createTestHub({ authorizeEvent: byOwner });
    for (let n = 1; n <= 5; n++) void hub.publish("a", { n, owner: n % 2 ? "ann" : "bob" });
    const ann = connect(hub, "?channels=a", "epoch0.1", ANN);
    expect(ann.hello()).toMatchObject({ resume: "resumed", replayed: 2 });
    expect(numbersOf(ann)).toEqual([3, 5]);
    const nobody = connect(hub, "?channels=a", "epoch0.1");
    expect(nobody.hello()).toMatchObject({ resume: "resumed", replayed: 0 });
    expect(nobody.parse().lastEventId).toBe("epoch0.5");
    void hub.publish("a", { n: 6, owner: "bob" });
    environment.endTick();
    expect(ann.res.writes).toHaveLength(1);
    environment.advance(15_000);
    expect(ann.parse().lastEventId).toBe("epoch0.6");
  });

  // SPEC 95
  it("counts only what it allows against replayMax, also of an added channel", () => {
    const { hub } = createTestHub({ authorizeEvent: byOwner, replayMax: 2 });
    for (let n = 1; n <= 6; n++) void hub.publish("a", { n, owner: n < 5 ? "bob" : "ann" });
    for (const stream of [connect(hub, "?channels=a", "epoch0.0", ANN), connect(hub, "?channels=b", undefined, ANN)]) {
      change(hub, { conn: stream.conn(), subscribe: ["a"], since: { a: "epoch0.0" } }, ANN);
      expect(stream.gaps()).toEqual([]);
      expect(numbersOf(stream)).toEqual([5, 6]);
    }
    expect(connect(hub, "?channels=a", "epoch0.0", { user: "bob" }).gaps()).toMatchObject([{ reason: "replay-limit" }]);
  });

  // SPEC 95
  it("makes first messages the newest of those it allows", () => {
    const { hub } = createTestHub({ authorizeEvent: byOwner, initial: "last" });
    for (let n = 1; n <= 3; n++) void hub.publish("a", { n, owner: n < 3 ? "ann" : "bob" });
    expect(numbersOf(connect(hub, "?channels=a", undefined, ANN))).toEqual([2]);
    const added = connect(hub, "?channels=b", undefined, ANN);
    change(hub, { conn: added.conn(), subscribe: ["a"] }, ANN);
    expect(numbersOf(added)).toEqual([2]);
    expect(poll(hub, "?channels=a", undefined, ANN).json()).toMatchObject({ events: [{ id: "epoch0.2" }] });
  });

  // SPEC 95
  it("goes on where a whole write of events is denied", () => {
    const { hub } = createTestHub({ authorizeEvent: byOwner, slow: { maxBufferedBytes: 50_000 } });
    for (let n = 1; n <= 5; n++) void hub.publish("a", { n, owner: n < 5 ? "bob" : "ann", text: "x".repeat(40_000) });
    expect(numbersOf(connect(hub, "?channels=a", "epoch0.0", ANN))).toEqual([5]);
    expect(poll(hub, "?channels=a", "epoch0.0", ANN).json()).toMatchObject({
      events: [{ id: "epoch0.5" }],
      id: "epoch0.5",
    });
  });

  // SPEC 95
  it("does not answer a held poll with nothing", () => {
    const { hub, environment } = createTestHub({ authorizeEvent: byOwner });
    void hub.publish("a", { n: 1 });
    const held = poll(hub, "?channels=a", hub.head, ANN);
    void hub.publish("a", { n: 2, owner: "bob" });
    environment.endTick();
    expect(held.json()).toBeUndefined();
    void hub.publish("a", { n: 3, owner: "ann" });
    environment.endTick();
    expect(held.json()).toMatchObject({ events: [{ id: "epoch0.3" }], id: "epoch0.3", gaps: [] });
  });

  // SPEC 96
  it("is told who would get what, the data read once for all", async () => {
    const seen: [string | undefined, readonly string[], EventInfo][] = [];
    const parse = vi.spyOn(JSON, "parse");
    const { hub, environment } = createTestHub({
      authorizeEvent({ id, user, channels }, event) {
        seen.push([id ?? user, channels, event]);
        return event.channel !== "lazy" && (event.data as unknown) !== undefined;
      },
    });
    connect(hub, "?channels=a,lazy", undefined, ANN);
    connect(hub, "?channels=a");
    void hub.toUser("ann").publish("x", "text\nof lines", { raw: true });
    environment.endTick();
    expect(seen).toMatchObject([
      ["conn-1", ["a", "lazy"], { channel: "x", id: "epoch0.1", user: "ann", data: "text\nof lines" }],
    ]);
    seen.length = 0;
    parse.mockClear();
    void hub.publish("a", [1], EPHEMERAL);
    void hub.publish("lazy", [2]);
    environment.endTick();
    expect(parse).toHaveBeenCalledTimes(1);
    expect(seen.map(([id, , { channel, id: event, user }]) => [id, channel, event, user])).toEqual([
      ["conn-1", "a", undefined, undefined],
      ["conn-1", "lazy", "epoch0.2", undefined],
      ["conn-2", "a", undefined, undefined],
    ]);
    parse.mockRestore();
  });

  // SPEC 96
  it("knows the channels of a stream while they change, and those of a poll", () => {
    const channels: (readonly string[])[] = [];
    const { hub, environment } = createTestHub({
      authorizeEvent(recipient) {
        channels.push(recipient.channels);
        return true;
      },
    });
    void hub.publish("a", 1);
    const stream = connect(hub, "?channels=a", "epoch0.0");
    change(hub, { conn: stream.conn(), subscribe: ["b"] });
    void hub.publish("b", 1);
    environment.endTick();
    poll(hub, "?channels=b", "epoch0.0");
    expect(new Set(channels.map((each) => each.join()))).toEqual(new Set(["a", "a,b", "b"]));
    expect(stream.received()).toHaveLength(2);
  });

  // SPEC 97
  it("may make the only other stream of the same channels leave while one opens", () => {
    const others: FakeStream[] = [];
    const authorizeEvent = () => {
      for (const { res } of others) res.leave();
      return true;
    };
    const { hub, environment } = createTestHub({ authorizeEvent });
    void hub.publish("a", 1);
    others.push(connect(hub, "?channels=a"));
    const stream = connect(hub, "?channels=a", "epoch0.0");
    void hub.publish("a", 2);
    environment.endTick();
    expect(stream.received().map(({ json }) => json)).toEqual([1, 2]);
  });

  // SPEC 97
  it("denies with an error, a promise and anything but true, and reports them", async () => {
    const onError = vi.fn();
    const failure = new Error("broken");
    const late = new Error("late");
    const answers: unknown[] = [
      () => {
        throw failure;
      },
      () => Promise.resolve(true),
      () => Promise.reject(late),
      () => undefined,
      () => 1,
      () => true,
    ];
    const { hub, environment } = createTestHub({
      onError,
      authorizeEvent: (_, { data }) => (answers[data as number] as () => boolean)(),
    });
    const stream = connect(hub);
    for (let index = 0; index < answers.length; index++) void hub.publish("a", index);
    environment.endTick();
    await settle();
    expect(dataOf(stream)).toEqual([5]);
    const errors = onError.mock.calls.map(([error]) => error as Error);
    expect(errors.filter((error) => error instanceof OptionError)).toHaveLength(4);
    expect(errors).toContain(failure);
    expect(errors).toContain(late);
    expect(errors).toHaveLength(6);
    expect(() => createHub({ authorizeEvent: true as never })).toThrow(OptionError);
  });

  /** A hub whose decision about the first event publishes what it is told. */
  function setupPublishing() {
    let next: (() => void)[] = [];
    const { hub, environment } = createTestHub({
      authorizeEvent() {
        next.shift()?.();
        return true;
      },
    });
    return {
      hub,
      environment,
      during(...events: [channel: string, size: number][]) {
        next = [
          () => {
            for (const [channel, size] of events) void hub.publish(channel, "x".repeat(size));
          },
        ];
      },
    };
  }

  const idsOf = (stream: FakeStream) => stream.received().map(({ id }) => id);

  // SPEC 97
  it("loses nothing that is published by a decision about a live event", () => {
    const { hub, environment, during } = setupPublishing();
    const stream = connect(hub, "?channels=a");
    during(["a", 40_000], ["a", 40_000]);
    void hub.publish("a", 1);
    environment.endTick();
    environment.endTick();
    expect(idsOf(stream)).toEqual(["epoch0.1", "epoch0.2", "epoch0.3"]);
  });

  // SPEC 97
  it("loses nothing that is published by a decision about a replayed or polled event", () => {
    const { hub, environment, during } = setupPublishing();
    void hub.publish("a", 1);
    during(["a", 40_000], ["a", 40_000]);
    const stream = connect(hub, "?channels=a", "epoch0.0");
    expect(stream.hello()).toMatchObject({ pos: "1", replayed: 1 });
    environment.endTick();
    expect(idsOf(stream)).toEqual(["epoch0.1", "epoch0.2", "epoch0.3"]);
    during(["a", 1]);
    const { id, events } = poll(hub, "?channels=a", "epoch0.2").json() as { id: string; events: unknown[] };
    expect([id, events.length]).toEqual(["epoch0.4", 2]);
  });

  // SPEC 97
  it("loses nothing that is published by a decision about an added channel", () => {
    const { hub, environment, during } = setupPublishing();
    void hub.publish("a", 1);
    const stream = connect(hub, "?channels=b");
    during(["a", 1], ["b", 40_000], ["b", 40_000]);
    change(hub, { conn: stream.conn(), subscribe: ["a"], since: { a: "epoch0.0" } });
    environment.endTick();
    expect(stream.received().map(({ event, id }) => [event, id])).toEqual([
      ["a", undefined],
      ["a", "epoch0.2"],
      ["b", "epoch0.3"],
      ["b", "epoch0.4"],
    ]);
  });

  // SPEC 140
  it("brings nothing in place of a state that is denied and has replaced one that was allowed", () => {
    const { hub, environment } = createTestHub({ authorizeEvent: byOwner });
    const latest = true;
    const live = connect(hub, "?channels=a", undefined, ANN);
    void hub.publish("a", { n: 1, owner: "ann" }, { latest });
    void hub.publish("a", { n: 2, owner: "bob" }, { latest });
    environment.endTick();
    const others = [connect(hub, "?channels=a", "epoch0.0", ANN), connect(hub, "?channels=a", undefined, ANN)];
    for (const stream of [live, ...others]) expect([stream.received(), stream.gaps()]).toEqual([[], []]);
    expect(others[0]!.hello()).toMatchObject({ resume: "resumed", replayed: 0 });
    expect(poll(hub, "?channels=a&wait=0", "epoch0.0", ANN).json()).toMatchObject({
      events: [],
      gaps: [],
      id: hub.head,
    });
  });

  // SPEC 16, 97
  it("has nothing sent twice that is published by a decision about what follows a gap", () => {
    let seen = 0;
    const { hub, environment } = createTestHub({
      history: { size: 2 },
      slow: { maxBufferedBytes: 10 },
      authorizeEvent(_, { data }) {
        // What follows a gap is read again, so each of these is decided about more than once.
        if (data === "after the gap" && seen++ < 3) void hub.publish("b", `decision ${seen}`);
        return true;
      },
    });
    const stream = connect(hub, "?channels=a,b");
    stream.res.stalled = true;
    void hub.publish("a", "held by the platform");
    environment.endTick();
    for (let index = 0; index < 4; index++) void hub.publish("a", index);
    void hub.publish("b", "after the gap");
    environment.endTick();
    stream.res.drain();
    environment.endTick();
    environment.advance(15_000);
    expect(stream.gaps()).toHaveLength(1);
    const ids = idsOf(stream);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids.at(-1)).toBe(hub.head);
    expect(stream.parse().lastEventId).toBe(hub.head);
  });

  // SPEC 53, 97
  it("has a poll that is about to be held answered with what a decision about it publishes", () => {
    let publish: (() => void) | undefined;
    const { hub, environment } = createTestHub({
      authorizeEvent(_, { data }) {
        publish?.();
        publish = undefined;
        return data !== "denied";
      },
    });
    for (const text of ["by a decision", "denied"]) {
      const from = hub.head;
      void hub.publish("a", "denied");
      publish = () => void hub.publish("a", text);
      const held = poll(hub, "?channels=a", from);
      expect(held.json()).toBeUndefined();
      environment.endTick();
      if (text === "denied") {
        expect(held.json()).toBeUndefined();
        void hub.publish("a", "later");
        environment.endTick();
      }
      const events = [{ data: text === "denied" ? '"later"' : '"by a decision"' }];
      expect(held.json()).toMatchObject({ events, id: hub.head });
    }
    publish = undefined;
    const from = hub.head;
    void hub.publish("a", "denied");
    publish = () => void hub.publish("a", "late");
    poll(hub, "?channels=a", from).res.leave();
    environment.endTick();
    expect(environment.pending).toBe(0);
  });

  // SPEC 97, 134
  it("can disconnect whom it decides about, which ends streams and polls after it", async () => {
    const onError = vi.fn();
    const counts: number[] = [];
    const { hub, environment } = createTestHub({
      onError,
      authorizeEvent({ user }) {
        if (user === "ann") counts.push(hub.disconnect({ user }));
        return user !== "ann";
      },
    });
    const anns = [connect(hub, "?channels=a", undefined, ANN), connect(hub, "?channels=b", undefined, ANN)];
    const held = poll(hub, "?channels=a", hub.head, ANN);
    const other = connect(hub, "?channels=a,b");
    void hub.publish("a", 1);
    void hub.publish("b", 2);
    environment.endTick();
    environment.endTick();
    for (const stream of anns) {
      expect(stream.parse().events.map(({ event }) => event)).toEqual(["sse.hello", "sse.bye"]);
      expect(stream.res.ended).toBe(true);
    }
    expect(held.json()).toMatchObject({ events: [], id: hub.head });
    expect(dataOf(other)).toEqual([1, 2]);
    expect(new Set(counts)).toEqual(new Set([0]));
    expect(onError).not.toHaveBeenCalled();
    expect(hub.stats()).toMatchObject({ connections: 1, closes: { expired: 2 } });
  });

  // SPEC 35, 97
  it("can close the hub, which ends streams after it and cuts none off", async () => {
    const closings: Promise<unknown>[] = [];
    const { hub, environment } = createTestHub({
      authorizeEvent() {
        closings.push(hub.close({ spreadMs: 0 }));
        return true;
      },
    });
    const streams = [connect(hub, "?channels=a"), connect(hub, "?channels=a")];
    // What was ended is not over at once then.
    for (const { res } of streams) res.stalled = true;
    void hub.publish("a", 1);
    environment.endTick();
    environment.endTick();
    expect(streams.map(({ res }) => [res.ended, res.destroyed])).toEqual([
      [true, false],
      [true, false],
    ]);
    for (const { res } of streams) res.leave();
    await Promise.all(closings);
    for (const stream of streams)
      expect(stream.parse().events.map(({ event }) => event)).toEqual(["sse.hello", "a", "sse.bye"]);
    expect(environment.pending).toBe(0);
  });

  // SPEC 14, 97
  it("keeps no more than the history may have of what decisions about polls publish", () => {
    const { hub, environment } = createTestHub({
      history: { size: 10 },
      authorizeEvent() {
        void hub.publish("audit", 1);
        void hub.toUser("auditor").publish("audit", 1);
        return true;
      },
    });
    void hub.publish("a", 1);
    for (let index = 0; index < 100; index++) {
      poll(hub, "?channels=a&wait=0", "epoch0.0");
      environment.endTick();
    }
    expect(hub.stats().history.recent).toMatchObject([{ channel: "audit", entries: 10 }, { channel: "a" }]);
    expect(hub.stats().mailboxes.bytes).toBeLessThan(15_000);
    expect(environment.pending).toBe(0);
  });

  // SPEC 91, 97
  it("loses no mail that is published by a decision about a stream that opens", () => {
    let mail: (() => void) | undefined;
    const { hub, environment } = createTestHub({
      authorizeEvent() {
        mail?.();
        mail = undefined;
        return true;
      },
    });
    void hub.publish("a", 1);
    mail = () => void hub.toUser("ann").publish("x", "mail");
    const stream = connect(hub, "?channels=a", "epoch0.0", ANN);
    environment.endTick();
    expect(dataOf(stream)).toEqual([1, "mail"]);
  });

  // SPEC 45, 97
  it("loses nothing of added patterns when a decision about one publishes under another", () => {
    const { hub, environment, during } = setupPublishing();
    for (const channel of ["c/1", "a/1", "b/1"]) void hub.publish(channel, channel);
    const stream = connect(hub, "?channels=z");
    during(["c/1", 1]);
    const since = { "b/*": "epoch0.2", "c/*": "epoch0.0" };
    change(hub, { conn: stream.conn(), subscribe: ["b/*", "c/*"], since });
    environment.endTick();
    expect(dataOf(stream)).toEqual(["b/1", "c/1", "x"]);
  });

  /** A hub with states of these channels, and keys as their data; the first decision replaces the oldest of all of them. */
  function setupReplacing(...states: [channel: string, key: string][]) {
    const put = (channel: string, key: string, data: string) => void hub.publish(channel, data, { latest: true, key });
    let armed = true;
    const { hub, environment } = createTestHub({
      authorizeEvent(_, { data }) {
        if (armed) {
          armed = false;
          for (const channel of new Set(states.map(([each]) => each))) put(channel, "old", "new");
        }
        return data !== "denied" && data !== "old";
      },
    });
    for (const [channel, key] of states) put(channel, key, key);
    return { hub, environment };
  }

  // SPEC 97
  it("loses nothing of a replay when a decision replaces a state before it", () => {
    const { hub, environment } = setupReplacing(["b", "old"], ["a", "denied"], ["b", "due"]);
    const stream = connect(hub, "?channels=a,b", "epoch0.1");
    expect(stream.hello()).toMatchObject({ replayed: 1 });
    environment.endTick();
    expect(dataOf(stream)).toEqual(["due", "new", "new"]);
  });

  // SPEC 97
  it("sends no first message twice when a decision replaces an older one", () => {
    const { hub, environment } = setupReplacing(["a", "old"], ["a", "y"], ["a", "z"]);
    const stream = connect(hub, "?channels=a");
    environment.endTick();
    expect(dataOf(stream)).toEqual(["y", "z", "new"]);
  });

  // SPEC 23, 95
  it("is not asked for, and nothing is copied, without the option", () => {
    const { hub, environment } = createTestHub();
    const streams = [connect(hub), connect(hub, "", undefined, ANN)];
    void hub.publish("a", 1);
    environment.endTick();
    expect(streams[0]!.res.writes[1]).toBe(streams[1]!.res.writes[1]);
  });
});

describe.each(Object.keys(targets) as Target[])("hub.%s", (target) => {
  // SPEC 95
  it("brings real clients only what they may get", async () => {
    const hub = createHub({ authorizeEvent: byOwner });
    const { open, poll: ask } = await serveHub(target, hub, ANN);
    const client = await open("?channels=a");
    await client.until((text) => text.includes("sse.hello"));
    const start = hub.head;
    void hub.publish("a", { n: 1, owner: "bob" });
    void hub.publish("a", { n: 2, owner: "ann" });
    await client.until((text) => text.includes('"n":2'));
    expect(client.text()).not.toContain('"n":1');
    expect((await ask("?channels=a", start).reply).json).toMatchObject({ events: [{ data: '{"n":2,"owner":"ann"}' }] });
  });
});
