import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { defineChannels, type Hub, type HubOptions, OptionError, type } from "../src/index.ts";
import { createFakeResponse, streamRequest } from "./support/fake-response.ts";
import { START_DATE } from "./support/manual-environment.ts";
import { presenceView } from "./support/presence-view.ts";
import { change, connect, createTestHub, type FakeStream, poll } from "./support/test-hub.ts";

function createWorld(options: HubOptions = {}) {
  const world = createTestHub({
    presence: ["room", "chat/*"],
    presenceDelayMs: 2_000,
    heartbeatMs: null,
    ...options,
  });
  const open = (user: string | undefined, channels = "room", res = createFakeResponse()) =>
    connect(world.hub, `?channels=${channels}`, undefined, { user }, res);
  return { ...world, open };
}

/** Everything told about presence after `sse.hello`. */
function told(stream: FakeStream): unknown[] {
  return stream.parse().events.flatMap(({ event, json }) => (event === "sse.presence" ? [json] : []));
}

function listed({ hello }: FakeStream): unknown {
  return (hello() as { presence?: unknown }).presence;
}

const join = (user: string, channel = "room") => ({ channel, type: "join", user });
const leave = (user: string, channel = "room") => ({ channel, type: "leave", user });

describe("presence options", () => {
  // SPEC 110
  it.each<[string, unknown, string | undefined]>([
    ["presence", "room", undefined],
    ["presence", { room: true }, undefined],
    ["presence", ["rooms"], "presence.rooms"],
    ["presenceDelayMs", -1, undefined],
    ["presenceDelayMs", 0.5, undefined],
  ])("are an OptionError when %s is %j", (option, value, path = option) => {
    const channels = defineChannels({ room: type<string>(), "chat/*": type<string>() });
    const create = () => createTestHub({ channels, [option]: value } as HubOptions);
    expect(create).toThrow(OptionError);
    expect(create).toThrow(`"${path}"`);
  });

  // SPEC 110
  it.each([[5], ["sse.x"], ["a,b"], ["a*"]])("refuse %j as a channel", (name) => {
    expect(() => createTestHub({ presence: [name as string] })).toThrow(
      expect.objectContaining({ code: name === "sse.x" ? "reserved-event" : "invalid-channel" }),
    );
  });

  // SPEC 110
  it("make the hub say who is there, on channels they name only", () => {
    const { hub, open } = createWorld();
    open("b");
    open("a", "room,news");
    expect(hub.presence("room")).toEqual(["a", "b"]);
    expect(hub.presence("chat/1")).toEqual([]);
    expect(() => hub.presence("news")).toThrow(OptionError);
    expect(() => createTestHub().hub.presence("room")).toThrow(OptionError);
    expect(() => hub.presence("chat/*")).toThrow(expect.objectContaining({ code: "invalid-channel" }));
  });

  // SPEC 110
  it("that name no channel tell nobody anything", () => {
    const { environment, open } = createWorld({ presence: [] });
    const stream = open("a");
    open("b");
    environment.endTick();
    expect(told(stream)).toEqual([]);
    expect(stream.hello()).not.toHaveProperty("presence");
    expect(environment.pending).toBe(1);
  });
});

describe("a user who comes", () => {
  // SPEC 111
  it("is told at the end of the tick, without id, to the streams that carry the channel, and not to its own stream", () => {
    const { environment, open } = createWorld();
    const others = [open("a"), open(undefined), open("b", "**")];
    const elsewhere = open("c", "chat/1");
    environment.endTick();
    const before = others.map((stream) => told(stream).length);
    const own = open("u");
    const writes = own.res.writes.length;
    expect(others.map((stream) => told(stream).length)).toEqual(before);
    environment.endTick();
    expect(own.res.writes).toHaveLength(writes);
    for (const [index, stream] of others.entries()) expect(told(stream).slice(before[index])).toEqual([join("u")]);
    expect(told(elsewhere)).toEqual([]);
    expect(told(own)).toEqual([]);
    expect(others[0]!.res.text).toContain('event: sse.presence\ndata: {"channel":"room","type":"join","user":"u"}\n\n');
    expect(others[0]!.parse().lastEventId).toBe("epoch0.0");
  });

  // SPEC 111
  it("finds in sse.hello who is there, itself among them, sorted, for each channel with presence that it carries", () => {
    const { open } = createWorld();
    open("b");
    open("d", "chat/1");
    open("e", "chat/2");
    expect(listed(open("a", "room,chat/1,chat/3,news"))).toEqual({
      room: ["a", "b"],
      "chat/1": ["a", "d"],
      "chat/3": ["a"],
    });
    expect(listed(open(undefined, "chat/9"))).toEqual({ "chat/9": [] });
    expect(listed(open("a", "news"))).toEqual({});
  });

  // SPEC 111
  it("and is there already, on another stream, is not told", () => {
    const { environment, hub, open } = createWorld();
    const other = open("a");
    environment.endTick();
    const first = open("u");
    open("u");
    environment.endTick();
    expect(told(other)).toEqual([join("u")]);
    first.res.leave();
    environment.advance(60_000);
    expect(told(other)).toEqual([join("u")]);
    expect(hub.presence("room")).toEqual(["a", "u"]);
  });

  // SPEC 111
  it("without a name is not counted, nor by a poll", () => {
    const { environment, hub, open } = createWorld();
    const other = open("a");
    open(undefined);
    poll(hub, "?channels=room", "epoch0.0", { user: "p" });
    environment.endTick();
    expect(told(other)).toEqual([]);
    expect(hub.presence("room")).toEqual(["a"]);
    open("b");
    environment.endTick();
    expect(told(other)).toEqual([join("b")]);
  });

  // SPEC 111
  it("may be on a channel of any name", () => {
    const { environment, hub, open } = createWorld({ presence: ["**"] });
    const stream = open("__proto__", "__proto__,constructor");
    open("toString", "__proto__");
    environment.endTick();
    expect(Object.entries(listed(stream) as object)).toEqual([
      ["__proto__", ["__proto__"]],
      ["constructor", ["__proto__"]],
    ]);
    expect(told(stream)).toEqual([join("toString", "__proto__")]);
    expect(hub.presence("__proto__")).toEqual(["__proto__", "toString"]);
  });
});

describe("a pattern", () => {
  // SPEC 112
  it("puts nobody on the channels that it covers, but shows who is there", () => {
    const { environment, hub, open } = createWorld();
    open("a", "chat/1");
    const watcher = open("w", "chat/*");
    expect(listed(watcher)).toEqual({ "chat/1": ["a"] });
    open("b", "chat/2");
    environment.endTick();
    expect(told(watcher)).toEqual([join("b", "chat/2")]);
    expect(hub.presence("chat/1")).toEqual(["a"]);
  });

  // SPEC 112
  it("puts its user on the channels that the option names", () => {
    const { hub, open } = createWorld();
    const stream = open("w", "**");
    expect(hub.presence("room")).toEqual(["w"]);
    expect(listed(stream)).toEqual({ room: ["w"] });
    stream.res.leave();
  });
});

describe("a user who leaves", () => {
  // SPEC 113
  it("is told presenceDelayMs after the last stream, and then nothing is kept", () => {
    const { environment, hub, open } = createWorld({ presenceDelayMs: 3_000 });
    const other = open("a");
    const streams = [open("u"), open("u", "room,chat/1")];
    environment.endTick();
    streams[0]!.res.leave();
    environment.advance(10_000);
    streams[1]!.res.leave();
    environment.advance(2_999);
    expect(told(other)).toEqual([join("u")]);
    expect(hub.presence("room")).toEqual(["a", "u"]);
    expect(listed(open("b"))).toEqual({ room: ["a", "b", "u"] });
    environment.advance(1);
    expect(told(other)).toEqual([join("u"), join("b"), leave("u")]);
    expect(hub.presence("room")).toEqual(["a", "b"]);
    expect(listed(open(undefined, "chat/*"))).toEqual({});
    expect(environment.pending).toBe(1);
  });

  // SPEC 113
  it("and is back within that time has not been away", () => {
    const { environment, hub, open } = createWorld();
    const other = open("a");
    const first = open("u");
    environment.endTick();
    first.res.leave();
    environment.advance(1_999);
    expect(environment.pending).toBe(2);
    const second = open("u");
    expect(environment.pending).toBe(1);
    environment.advance(60_000);
    expect(told(other)).toEqual([join("u")]);
    expect(told(second)).toEqual([]);
    expect(environment.pending).toBe(1);
    // The delay begins anew.
    second.res.leave();
    environment.advance(1_999);
    expect(hub.presence("room")).toEqual(["a", "u"]);
    environment.advance(1);
    expect(told(other)).toEqual([join("u"), leave("u")]);
  });

  // SPEC 113
  it("is told with the right delay whoever left before and came back", () => {
    const { environment, open } = createWorld();
    const other = open("a");
    const [first, second] = [open("u"), open("v")];
    environment.endTick();
    first.res.leave();
    environment.advance(1_000);
    second.res.leave();
    open("u");
    environment.advance(1_999);
    expect(told(other)).toEqual([join("u"), join("v")]);
    environment.advance(1);
    expect(told(other)).toEqual([join("u"), join("v"), leave("v")]);
  });

  // SPEC 113
  it("needs one timer with any number of others, and one write per stream", () => {
    const { environment, hub, open } = createWorld();
    const other = open("a");
    const crowd = Array.from({ length: 500 }, (_, index) => open(`u${index}`));
    environment.endTick();
    const writes = other.res.writes.length;
    expect(told(other)).toHaveLength(500);
    for (const stream of crowd) stream.res.leave();
    expect(environment.pending).toBe(2);
    environment.advance(2_000);
    expect(environment.maxTimers).toBe(2);
    expect(told(other)).toHaveLength(1_000);
    expect(other.res.writes.length - writes).toBe(1);
    expect(hub.presence("room")).toEqual(["a"]);
  });

  // SPEC 113
  it("when the hub closes is not told, and leaves no timer", async () => {
    const { environment, hub, open } = createWorld({ presenceDelayMs: 500 });
    const other = open("a");
    const [first, second] = [open("u"), open("v")];
    environment.endTick();
    const before = told(other).length;
    first.res.leave();
    const closed = hub.close({ spreadMs: 10_000 });
    environment.advance(1_000);
    second.res.leave();
    expect(hub.presence("room")).toEqual(["a"]);
    environment.advance(20_000);
    await closed;
    expect(told(other)).toHaveLength(before);
    expect(environment.pending).toBe(0);
    expect(hub.presence("room")).toEqual([]);
  });
});

describe("a change of channels", () => {
  const post = (hub: Hub, stream: FakeStream, body: object, user = "u") =>
    change(hub, { conn: stream.conn(), ...body }, { user });

  // SPEC 114
  it("tells the whole list to the stream, and the others who has come", () => {
    const { environment, hub, open } = createWorld();
    const other = open("a", "chat/1");
    const stream = open("u", "room");
    post(hub, stream, { subscribe: ["chat/1"] });
    expect(told(stream)).toEqual([{ type: "list", presence: { room: ["u"], "chat/1": ["a", "u"] } }]);
    environment.endTick();
    expect(told(other)).toEqual([join("u", "chat/1")]);
    expect(told(stream)).toHaveLength(1);
  });

  // SPEC 114
  it("that drops a channel is a leave after the delay, and one that takes it up again nothing", () => {
    const { environment, hub, open } = createWorld();
    const other = open("a");
    const stream = open("u", "room,chat/1");
    environment.endTick();
    post(hub, stream, { unsubscribe: ["room"], subscribe: ["room"] });
    environment.advance(5_000);
    expect(told(other)).toEqual([join("u")]);
    expect(told(stream)).toEqual([{ type: "list", presence: { room: ["a", "u"], "chat/1": ["u"] } }]);
    post(hub, stream, { unsubscribe: ["room"] });
    environment.advance(1_000);
    post(hub, stream, { subscribe: ["room"] });
    environment.advance(5_000);
    expect(told(other)).toEqual([join("u")]);
    post(hub, stream, { unsubscribe: ["room"] });
    environment.advance(2_000);
    expect(told(other)).toEqual([join("u"), leave("u")]);
    // It does not carry the channel any more.
    expect(told(stream)).toHaveLength(2);
    stream.res.leave();
    environment.advance(2_000);
    expect(hub.presence("chat/1")).toEqual([]);
    expect(environment.pending).toBe(1);
  });

  // SPEC 114
  it("that is refused moves nobody", () => {
    const { environment, hub, open } = createWorld();
    const stream = open("u", "room");
    expect(post(hub, stream, { subscribe: ["chat/1"] }, "x").status).toBe(409);
    environment.endTick();
    expect(told(stream)).toEqual([]);
    expect(hub.presence("chat/1")).toEqual([]);
  });
});

describe("a crowd", () => {
  // SPEC 115
  it("is listed up to 1,000 users in all, the smallest channels first, with the number of the others", () => {
    const { open } = createWorld();
    for (let index = 0; index < 1_200; index++) open(`u${String(index).padStart(4, "0")}`, "chat/1");
    open("x");
    const hello = open("a", "room,chat/1").hello() as Record<string, Record<string, string[]>>;
    expect(hello["presence"]!["room"]).toEqual(["a", "x"]);
    expect(hello["presence"]!["chat/1"]).toHaveLength(998);
    expect(hello["presence"]!["chat/1"]).toEqual([...hello["presence"]!["chat/1"]!].sort());
    expect(hello["presenceCounts"]).toEqual({ "chat/1": 1_201 });
    const complete = open("z").hello();
    expect(complete).not.toHaveProperty("presenceCounts");
  });

  // SPEC 115
  it("on many channels is listed for 1,000 of them", () => {
    const { hub, open } = createWorld();
    const channels = Array.from({ length: 1_001 }, (_, index) => `chat/${index}`);
    const named = connect(hub, "", undefined, { user: "u", channels });
    expect(hub.presence("chat/1000")).toEqual(["u"]);
    expect(Object.keys(listed(named) as object)).toHaveLength(1_000);
    const { presence } = open("w", "chat/*,room").hello() as { presence: Record<string, string[]> };
    expect(Object.keys(presence)).toHaveLength(1_000);
    expect(presence["room"]).toEqual(["w"]);
  });

  // SPEC 115
  it.each([
    [999, 1_000],
    [1_000, 1],
    [1_500, 1],
  ])("of %i and one more that come at once is told in %i events", (count, events) => {
    const { environment, hub, open } = createWorld();
    const other = open("a");
    environment.endTick();
    for (let index = 0; index < count; index++) open(`u${index}`);
    const late = open("late");
    environment.endTick();
    expect(told(other)).toHaveLength(events);
    expect(told(late)).toEqual([]);
    expect(hub.presence("room")).toHaveLength(count + 2);
    for (const stream of [other, late]) {
      const { users, count: known } = presenceView(stream.parse()).get("room")!;
      expect(known).toBe(count + 2);
      expect(users.length).toBeGreaterThanOrEqual(1_000);
    }
  });

  // SPEC 115
  it("that comes in part after a stream was opened is told to that stream, too", () => {
    const { environment, open } = createWorld();
    for (let index = 0; index < 1_500; index++) open(`u${index}`);
    const middle = open("m");
    open("last");
    environment.endTick();
    expect(told(middle)).toEqual([expect.objectContaining({ type: "list", presenceCounts: { room: 1_502 } })]);
  });
});

describe("a peer that takes nothing", () => {
  // SPEC 116
  it("is told nothing until it takes something, and then the whole list once", () => {
    const { environment, hub, open } = createWorld({ slow: { maxBufferedBytes: 200 } });
    const res = createFakeResponse();
    const slow = open("s", "room", res);
    const other = open("a");
    environment.endTick();
    res.stalled = true;
    for (const user of ["b", "c", "d", "e", "f"]) {
      open(user);
      environment.endTick();
    }
    const writes = res.writes.length;
    open("g").res.leave();
    environment.advance(5_000);
    expect(res.writes).toHaveLength(writes);
    res.drain();
    environment.advance(1_000);
    expect(told(slow).at(-1)).toMatchObject({ type: "list", presence: { room: hub.presence("room") } });
    expect(told(slow).filter((each) => (each as { type: string }).type === "list")).toHaveLength(1);
    expect(presenceView(slow.parse())).toEqual(presenceView(other.parse()));
    expect(environment.pending).toBe(1);
    open("h");
    environment.endTick();
    expect(told(slow).at(-1)).toEqual(join("h"));
  });

  // SPEC 164
  it("costs no list for as long as it takes nothing, whatever it carries", () => {
    const { environment, open } = createWorld({ slow: { maxBufferedBytes: 1, stallMs: 60_000 } });
    const slow = Array.from({ length: 20 }, (_, index) => {
      const res = createFakeResponse();
      const stream = open(undefined, `room,chat/${index}`, res);
      res.stalled = true;
      return stream;
    });
    for (const user of ["a", "b"]) {
      open(user);
      environment.endTick();
    }
    const encode = vi.spyOn(TextEncoder.prototype, "encode");
    environment.advance(10_000);
    expect(encode).not.toHaveBeenCalled();
    encode.mockRestore();
    for (const { res } of slow) res.drain();
    environment.advance(1_000);
    for (const stream of slow) expect(presenceView(stream.parse()).get("room")!.users).toEqual(["a", "b"]);
  });

  // SPEC 116
  it("is told nothing after its last words", () => {
    const { environment, hub, open } = createWorld();
    const res = createFakeResponse();
    hub.node(streamRequest("?channels=room"), res, { user: "s", expiresAt: START_DATE + 100 });
    open("a");
    environment.endTick();
    res.stalled = true;
    environment.advance(100);
    const { text } = res;
    expect(text).toContain("sse.bye");
    open("b");
    environment.endTick();
    expect(res.text).toBe(text);
    // It has its time to take what it was sent.
    expect(res.destroyed).toBe(false);
  });

  // SPEC 116
  it("now and then, but all that it is told, is not dropped", () => {
    const { environment, open } = createWorld();
    const res = createFakeResponse();
    open("s", "room", res);
    for (let index = 100; index < 200; index++) {
      res.drain();
      res.stalled = true;
      open(`u${index}`);
      environment.advance(500);
    }
    expect(res.destroyed).toBe(false);
  });

  // SPEC 116
  it("and leaves is not tried again", () => {
    const { environment, open } = createWorld({ slow: { maxBufferedBytes: 1 } });
    const res = createFakeResponse();
    open("s", "room", res);
    res.stalled = true;
    for (const user of ["b", "c"]) {
      open(user, "room,chat/1");
      environment.endTick();
    }
    expect(environment.pending).toBe(2);
    res.leave();
    // That of the heartbeat and that of the leave.
    expect(environment.pending).toBe(2);
    environment.advance(2_000);
    expect(environment.pending).toBe(1);
  });

  // SPEC 116
  it("is dropped as ever, and leaves no timer", () => {
    const { environment, hub, open } = createWorld({ slow: { maxBufferedBytes: 1 } });
    const res = createFakeResponse();
    open("s", "room", res);
    res.stalled = true;
    for (const user of ["b", "c"]) {
      open(user).res.leave();
      environment.advance(10);
    }
    environment.advance(40_000);
    expect(res.destroyed).toBe(true);
    expect([hub.connectionCount, environment.pending]).toEqual([0, 0]);
  });

  // SPEC 116
  it("costs the others nothing when its write fails", () => {
    const { environment, hub, open } = createWorld();
    const res = createFakeResponse();
    open("s", "room", res);
    const other = open("a");
    environment.endTick();
    res.write = () => {
      throw new Error("gone");
    };
    open("b");
    environment.advance(2_000);
    expect(told(other)).toEqual([join("b"), leave("s")]);
    expect(hub.connectionCount).toBe(2);
  });
});

// SPEC 116
it("what is told of presence puts off no heartbeat", () => {
  const { environment, open } = createWorld({ heartbeatMs: 10_000 });
  const stream = open("a");
  for (let second = 0; second < 10; second++) {
    open(`u${second}`);
    environment.advance(1_000);
  }
  expect(stream.parse().comments).toHaveLength(1);
});

// SPEC 116
it("a write that opens and ends streams and changes channels leaves everybody with the truth", () => {
  const { environment, hub, open } = createWorld();
  const streams: FakeStream[] = [];
  const first = createFakeResponse();
  streams.push(open("first", "room", first));
  const second = open("second", "room,chat/1");
  streams.push(second, open("third"));
  environment.endTick();
  const { write } = first;
  first.write = (chunk) => {
    first.write = write;
    streams.push(open("nested"));
    change(hub, { conn: second.conn(), subscribe: ["chat/2"] }, { user: "second" });
    streams[2]!.res.leave();
    return write(chunk);
  };
  streams.push(open("fourth"));
  environment.advance(10_000);
  expect(hub.presence("room")).toEqual(["first", "fourth", "nested", "second"]);
  for (const stream of streams.filter(({ res }) => !res.destroyed))
    expect(presenceView(stream.parse()).get("room")!.users).toEqual(hub.presence("room"));
});

// SPEC 162
it.each<[retryMs: [number, number] | undefined, longestMs: number]>([
  [undefined, 4_000],
  [[500, 500], 500],
  [[0, 20_000], 20_000],
])("with a retryMs of %j a user who comes back when told to has not been away", (retryMs, longestMs) => {
  const { environment, hub } = createTestHub({
    presence: ["room"],
    heartbeatMs: null,
    ...(retryMs === undefined ? {} : { retryMs }),
  });
  const other = connect(hub, "?channels=room");
  connect(hub, "?channels=room", undefined, { user: "u" });
  environment.endTick();
  hub.disconnect({ user: "u" });
  environment.advance(longestMs + 900);
  connect(hub, "?channels=room", undefined, { user: "u" }).res.leave();
  environment.advance(longestMs + 900);
  expect(told(other)).toEqual([join("u")]);
  environment.advance(200);
  expect(told(other)).toEqual([join("u"), leave("u")]);
});

// SPEC 162
it("the longest retryMs leaves no room for more, and is no error", () => {
  expect(() => createTestHub({ presence: ["room"], retryMs: [0, 2 ** 31 - 1] })).not.toThrow();
});

// SPEC 161
it("a stream that drops a channel while others are being told is told nothing of that channel", () => {
  const { environment, hub, open } = createWorld();
  const first = createFakeResponse();
  open("first", "chat/1", first);
  const second = open("second", "room,chat/1");
  environment.endTick();
  const { write } = first;
  first.write = (chunk) => {
    first.write = write;
    change(hub, { conn: second.conn(), unsubscribe: ["room"] }, { user: "second" });
    return write(chunk);
  };
  open("u", "room,chat/1");
  environment.endTick();
  environment.advance(1_000);
  expect(second.res.text).not.toContain('{"channel":"room","type":"join","user":"u"}');
  expect(presenceView(second.parse())).toEqual(new Map([["chat/1", { users: ["first", "second", "u"], count: 3 }]]));
});

// SPEC 117
it("whatever comes, goes, changes and stalls, every stream knows who is on its channels", () => {
  const rooms = ["room", "chat/1", "chat/2"];
  const names = [...rooms, "chat/*", "**"];
  const users = ["a", "b", "c", undefined];
  const which = fc.nat(9);
  const step = fc.oneof(
    fc.record({ kind: fc.constant("open" as const), user: fc.nat(3), carried: fc.subarray(names) }),
    fc.record({ kind: fc.constantFrom("leave" as const, "stall" as const, "drain" as const), which }),
    fc.record({
      kind: fc.constant("change" as const),
      which,
      subscribe: fc.subarray(names),
      unsubscribe: fc.subarray(names),
    }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(0, 1, 999, 2_000) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { hub, environment, open } = createWorld({ slow: { maxBufferedBytes: 100, stallMs: 1_000_000 } });
      const all: { stream: FakeStream; user: string | undefined; carried: string[] }[] = [];
      for (const each of steps) {
        if (each.kind === "wait") environment.advance(each.ms);
        if (each.kind === "open") {
          const user = users[each.user];
          all.push({ stream: open(user, each.carried.join()), user, carried: each.carried });
        }
        const found = "which" in each && all[each.which % Math.max(1, all.length)];
        if (!found || found.stream.res.destroyed) continue;
        const { stream, user } = found;
        if (each.kind === "leave") stream.res.leave();
        if (each.kind === "stall") stream.res.stalled = true;
        if (each.kind === "drain") stream.res.drain();
        if (each.kind === "change")
          found.carried = change(hub, { conn: stream.conn(), ...each }, { user }).json["channels"] as string[];
      }
      const left = all.filter(({ stream }) => !stream.res.destroyed);
      for (const { stream } of left) stream.res.drain();
      environment.advance(10_000);
      for (const room of rooms) {
        const putsOn = (name: string) => name === room || (name === "**" && room === "room");
        const there = left.flatMap(({ user, carried }) => (user && carried.some(putsOn) ? [user] : []));
        const present = [...new Set(there)].sort();
        expect(hub.presence(room)).toEqual(present);
        for (const { stream, carried } of left) {
          if (!carried.some((name) => putsOn(name) || name === "**" || (name === "chat/*" && room !== "room")))
            continue;
          const known = presenceView(stream.parse()).get(room) ?? { users: [], count: 0 };
          expect(known).toEqual({ users: present, count: present.length });
        }
      }
    }),
    { numRuns: 300 },
  );
});
