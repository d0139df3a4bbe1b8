import { describe, expect, it, vi } from "vitest";
import { defineChannels } from "../src/index.ts";
import { createFakeResponse } from "./support/fake-response.ts";
import { change, connect, createTestHub } from "./support/test-hub.ts";

function publishAll(hub: ReturnType<typeof createTestHub>["hub"], channel: string, values: readonly unknown[]) {
  for (const value of values) void hub.publish(channel, value);
}

describe("a change of channels", () => {
  // SPEC 41
  it.each<[string, unknown, RegExp]>([
    ["no body", undefined, /body a JSON object/],
    ["an empty body", "", /not JSON/],
    ["broken JSON", '{"conn":', /not JSON/],
    ["an array", [], /body a JSON object/],
    ["null", "null", /body a JSON object/],
    ["no conn", {}, /"conn"/],
    ["a conn that is no string", { conn: 1 }, /"conn"/],
    ["an empty conn", { conn: "" }, /"conn"/],
    ["subscribe that is no array", { conn: "x", subscribe: "a" }, /"subscribe" must be an array/],
    ["a name that is no string", { conn: "x", subscribe: [1] }, /"subscribe": /],
    ["an empty name", { conn: "x", subscribe: [""] }, /"subscribe": .*non-empty/],
    ["a line break in a name", { conn: "x", unsubscribe: ["a\nb"] }, /"unsubscribe": .*no CR/],
    ["a reserved name", { conn: "x", subscribe: ["sse.hello"] }, /reserved/],
    ["the channel of a user", { conn: "x", subscribe: ["@user/1"] }, /reserved/],
    ["a misplaced star", { conn: "x", subscribe: ["a*"] }, /pattern/],
    ["too many names", { conn: "x", subscribe: Array.from({ length: 1_001 }, (_, i) => `c/${i}`) }, /more than 1000/],
    ["since that is no object", { conn: "x", since: ["a"] }, /"since" a JSON object/],
    ["a since that is no string", { conn: "x", since: { a: 1 } }, /"since" must have a string/],
  ])("with %s is refused with 400", (_, body, message) => {
    const { hub } = createTestHub();
    const stream = connect(hub, "?channels=b");
    const { text } = stream.res;
    const { status, json } = change(hub, body);
    expect(status).toBe(400);
    expect(json).toEqual({ error: "bad-request", message: expect.stringMatching(message) });
    expect(stream.res.text).toBe(text);
  });

  // SPEC 41
  it("is understood as text, as bytes, and with fields nobody knows", () => {
    const { hub } = createTestHub();
    const conn = connect(hub, "?channels=").conn();
    const text = JSON.stringify({ conn, subscribe: ["a"], since: { constructor: "" }, later: 1 });
    for (const body of [text, new TextEncoder().encode(text), JSON.parse(text)]) {
      expect(change(hub, body)).toEqual({ status: 200, json: { channels: ["a"], rejected: [] } });
    }
  });

  // SPEC 42
  it("is answered with 409 when there is no such connection, or no longer", async () => {
    const { hub, environment } = createTestHub();
    const [gone, broken, ending] = [connect(hub), connect(hub), connect(hub)];
    const unknown = { status: 409, json: { error: "unknown-conn" } };
    expect(change(hub, { conn: "guess", subscribe: ["a"] })).toEqual(unknown);
    gone.res.leave();
    expect(change(hub, { conn: gone.conn(), subscribe: ["a"] })).toEqual(unknown);
    broken.res.write = () => {
      throw new Error("EPIPE");
    };
    expect(change(hub, { conn: broken.conn(), subscribe: ["a"] })).toEqual(unknown);
    ending.res.stalled = true;
    const closing = hub.close({ spreadMs: 0, timeoutMs: 1_000 });
    expect(change(hub, { conn: ending.conn(), subscribe: ["a"] })).toEqual(unknown);
    environment.advance(1_000);
    await closing;
    expect(change(hub, { conn: ending.conn() })).toEqual(unknown);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 24, 42
  it("that only guesses a connection does not break up the writes of others", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub);
    publishAll(hub, "a", [1]);
    expect(change(hub, { conn: "guess", subscribe: ["a"] }).status).toBe(409);
    publishAll(hub, "a", [2]);
    expect(stream.res.writes).toHaveLength(1);
    environment.endTick();
    expect(stream.res.writes).toHaveLength(2);
  });

  // SPEC 43, 62
  it("by another user is a stranger's, whichever of them has no name", () => {
    const { hub, environment } = createTestHub();
    for (const [own, other] of [
      ["u", "v"],
      ["u", undefined],
      [undefined, "u"],
      ["u", "U"],
      ["__proto__", "constructor"],
    ]) {
      const stream = connect(hub, "?channels=a", undefined, { user: own });
      publishAll(hub, "a", [1]);
      const answer = change(hub, { conn: stream.conn(), subscribe: ["b"], unsubscribe: ["a"] }, { user: other });
      expect(answer).toEqual({ status: 409, json: { error: "unknown-conn" } });
      expect(stream.res.writes).toHaveLength(1);
      environment.endTick();
      expect(stream.received()).toHaveLength(1);
      expect(change(hub, { conn: stream.conn() }, { user: own }).json).toEqual({ channels: ["a"], rejected: [] });
    }
  });

  // SPEC 28
  it("looks at the history once, however many patterns it adds", () => {
    const { hub } = createTestHub();
    for (let index = 0; index < 400; index++) publishAll(hub, `${index}/a`, [1]);
    const names = Array.from({ length: 400 }, (_, index) => `*/${index}/*`);
    const since = Object.fromEntries(names.map((name) => [name, "epoch0.0"]));
    const stream = connect(hub, "?channels=");
    const split = vi.spyOn(String.prototype, "split");
    change(hub, { conn: stream.conn(), subscribe: names, since });
    const looks = split.mock.calls.length;
    split.mockClear();
    connect(hub, `?channels=${names.join()}`, "epoch0.0");
    expect([looks, split.mock.calls.length].every((count) => count < 20 * 400)).toBe(true);
    split.mockRestore();
  });

  // SPEC 43
  it("adds nothing the caller is not authorised for, and narrows patterns to what it is", () => {
    const { hub, environment } = createTestHub({ channels: defineChannels({ a: {}, b: {}, "chat/*": {} }) });
    const stream = connect(hub, "?channels=a");
    const { json } = change(
      hub,
      { conn: stream.conn(), subscribe: ["b", "undefined", "chat/*", "**"] },
      { channels: ["a", "chat/1"] },
    );
    expect(json).toEqual({ channels: ["a", "chat/1"], rejected: ["b", "undefined"] });
    for (const channel of ["a", "b", "chat/1", "chat/2"]) void hub.publish(channel, channel);
    environment.endTick();
    expect(stream.received().map(({ event }) => event)).toEqual(["a", "chat/1"]);
    const marked = stream.script().filter(([event]) => event === "sse.subscribed");
    expect(marked.map(([, data]) => (data as { channel: string }).channel)).toEqual(["chat/*", "**"]);
  });

  // SPEC 43
  it("adds no more than a thousand channels to a stream", () => {
    const { hub } = createTestHub({ limits: { channelsPerConnection: null } });
    const conn = connect(hub, "?channels=a").conn();
    const names = Array.from({ length: 1_000 }, (_, index) => `c/${index}`);
    const { json } = change(hub, { conn, subscribe: names });
    expect(json["channels"]).toHaveLength(1_000);
    expect(json["rejected"]).toEqual(["c/999"]);
    expect(change(hub, { conn, subscribe: ["a", "d"] }).json["rejected"]).toEqual(["d"]);
  });

  // SPEC 44
  it("takes effect before it is answered", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "?channels=a");
    const { json } = change(hub, { conn: stream.conn(), subscribe: ["b", "c/*"], unsubscribe: ["a", "never"] });
    expect(json).toEqual({ channels: ["b", "c/*"], rejected: [] });
    for (const channel of ["a", "b", "c/1"]) void hub.publish(channel, 1);
    environment.endTick();
    expect(stream.script()).toEqual([
      ["sse.subscribed", { channel: "b", pos: "0" }],
      ["sse.subscribed", { channel: "c/*", pos: "0" }],
      ["b", "epoch0.2", 1],
      ["c/1", "epoch0.3", 1],
    ]);
  });

  // SPEC 44
  it("writes what was pending first, and claims nothing beyond it", () => {
    const { hub } = createTestHub();
    const stream = connect(hub, "?channels=a");
    publishAll(hub, "a", [1]);
    publishAll(hub, "b", [2]);
    change(hub, { conn: stream.conn(), subscribe: ["b"] });
    expect(stream.script()).toEqual([
      ["a", "epoch0.1", 1],
      ["sse.subscribed", { channel: "b", pos: "2" }],
    ]);
  });

  // SPEC 45
  it("replays what came after `since` without ids, in log order, then says so", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "?channels=x");
    publishAll(hub, "c/1", [1, 2]);
    publishAll(hub, "c/2", [3]);
    publishAll(hub, "c/1", [4]);
    publishAll(hub, "d", [5]);
    change(hub, { conn: stream.conn(), subscribe: ["c/*", "d"], since: { "c/*": "epoch0.1", d: "" } });
    publishAll(hub, "c/2", [6]);
    environment.endTick();
    expect(stream.script()).toEqual([
      ["c/1", undefined, 2],
      ["c/2", undefined, 3],
      ["c/1", undefined, 4],
      ["sse.subscribed", { channel: "c/*", pos: "5" }],
      ["sse.subscribed", { channel: "d", pos: "5" }],
      ["c/2", "epoch0.6", 6],
    ]);
    expect(stream.res.text).not.toContain("id: epoch0.4\n");
    expect(hub.stats().deliveries).toBe(4);
  });

  // SPEC 46
  it.each([
    ["trimmed", "epoch0.1", { history: { size: 2 } }, "epoch0.1"],
    ["epoch", "other1.1", {}, "other1.1"],
    ["ahead", "epoch0.zz", {}, "epoch0.zz"],
    ["bad-id", "no id", {}, null],
    ["replay-limit", "epoch0.1", { replayMax: 2 }, "epoch0.1"],
    ["forgotten", "epoch0.1", { historyBytes: 100 }, "epoch0.1"],
  ])("announces a gap because of %s and replays nothing of the channel", (reason, since, options, from) => {
    const { hub, environment } = createTestHub(options);
    const stream = connect(hub, "?channels=x");
    publishAll(hub, "a", [1, 2, 3, 4]);
    change(hub, { conn: stream.conn(), subscribe: ["a"], since: { a: since } });
    publishAll(hub, "a", [5]);
    environment.endTick();
    expect(stream.script()).toEqual([
      ["sse.gap", { channels: ["a"], reason, from, to: "epoch0.4" }],
      ["sse.subscribed", { channel: "a", pos: "4" }],
      ["a", "epoch0.5", 5],
    ]);
    expect(stream.parse().events[1]?.id).toBeUndefined();
    expect(hub.stats().gaps).toMatchObject({ [reason]: 1 });
  });

  // SPEC 22, 26, 46
  it("replays at most as much as one attach, however many channels are added", () => {
    const { hub } = createTestHub({ replayMax: 3, slow: { maxBufferedBytes: 1 } });
    const stream = connect(hub, "?channels=x");
    stream.res.stalled = true;
    publishAll(hub, "x", [0]);
    for (const channel of ["a", "b", "c"]) publishAll(hub, channel, [1, 2]);
    const since = { a: "epoch0.1", b: "epoch0.1", c: "epoch0.1" };
    change(hub, { conn: stream.conn(), subscribe: ["a", "b"], since });
    change(hub, { conn: stream.conn(), subscribe: ["c"], since });
    stream.res.drain();
    expect(stream.gaps()).toMatchObject([
      { channels: ["b"], reason: "replay-limit" },
      { channels: ["c"], reason: "replay-limit" },
    ]);
    expect(stream.received().map(({ event }) => event)).toEqual(["x", "a", "a"]);
  });

  // SPEC 26, 47
  it("begins with the first messages of a channel when there is no `since`, without ids", () => {
    const { hub } = createTestHub({ initial: { a: "last", "b/*": 2 }, replayMax: 3 });
    const stream = connect(hub, "?channels=x,b/1");
    publishAll(hub, "a", [1, 2]);
    publishAll(hub, "b/1", [3]);
    publishAll(hub, "b/2", [4, 5, 6]);
    publishAll(hub, "quiet", [7]);
    change(hub, { conn: stream.conn(), subscribe: ["a", "b/*", "quiet"] });
    expect(stream.script()).toEqual([
      ["b/1", "epoch0.3", 3],
      ["a", undefined, 2],
      ["sse.subscribed", { channel: "a", pos: "7" }],
      ["b/2", undefined, 5],
      ["b/2", undefined, 6],
      ["sse.subscribed", { channel: "b/*", pos: "7" }],
      ["sse.subscribed", { channel: "quiet", pos: "7" }],
    ]);
  });

  // SPEC 48
  it("that was made before is only confirmed again", () => {
    const { hub } = createTestHub({ initial: 10 });
    const stream = connect(hub, "?channels=a,c/*");
    publishAll(hub, "a", [1]);
    publishAll(hub, "c/1", [2]);
    const since = { a: "epoch0.0", "c/1": "other1.0", "c/**": "nonsense" };
    const { json } = change(hub, { conn: stream.conn(), subscribe: ["a", "a", "c/1"], since });
    expect(json).toEqual({ channels: ["a", "c/*", "c/1"], rejected: [] });
    expect(stream.script()).toEqual([
      ["a", "epoch0.1", 1],
      ["c/1", "epoch0.2", 2],
      ["sse.subscribed", { channel: "a", pos: "2" }],
      ["sse.subscribed", { channel: "c/1", pos: "2" }],
    ]);
    change(hub, { conn: stream.conn(), unsubscribe: ["c/*"] });
    publishAll(hub, "c/1", [3]);
    publishAll(hub, "c/2", [4]);
    change(hub, { conn: stream.conn() });
    expect(stream.script().slice(4)).toEqual([["c/1", "epoch0.3", 3]]);
  });

  // SPEC 49
  it("that drops a channel and adds it with `since` delivers what came between, once", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "?channels=a,b");
    publishAll(hub, "a", [1]);
    change(hub, { conn: stream.conn(), unsubscribe: ["a"] });
    publishAll(hub, "a", [2, 3]);
    publishAll(hub, "b", [4]);
    environment.endTick();
    change(hub, { conn: stream.conn(), subscribe: ["a"], since: { a: "epoch0.1" } });
    publishAll(hub, "a", [5]);
    environment.endTick();
    expect(stream.script()).toEqual([
      ["a", "epoch0.1", 1],
      ["b", "epoch0.4", 4],
      ["a", undefined, 2],
      ["a", undefined, 3],
      ["sse.subscribed", { channel: "a", pos: "4" }],
      ["a", "epoch0.5", 5],
    ]);
    change(hub, { conn: stream.conn(), unsubscribe: ["a"], subscribe: ["a"], since: { a: "epoch0.4" } });
    expect(stream.script().slice(6)).toEqual([
      ["a", undefined, 5],
      ["sse.subscribed", { channel: "a", pos: "5" }],
    ]);
  });

  // SPEC 30, 49
  it("leaves nothing of the groups it went through", () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, "?channels=a");
    const conn = stream.conn();
    change(hub, { conn, unsubscribe: ["a"], subscribe: ["b"] });
    publishAll(hub, "b", [1]);
    change(hub, { conn, unsubscribe: ["b"] });
    publishAll(hub, "a", [2]);
    publishAll(hub, "b", [3]);
    const pending = environment.pending;
    stream.res.leave();
    expect(pending).toBe(1);
    expect(environment.pending).toBe(0);
    expect(stream.res.listeners).toBe(0);
  });
});

describe("a change of channels of a stream that is behind", () => {
  function stalled(query: string, options = {}) {
    const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 1_000 }, ...options });
    const stream = connect(hub, query, undefined, undefined, createFakeResponse());
    stream.res.stalled = true;
    publishAll(hub, "a", ["x".repeat(2_000)]);
    environment.endTick();
    return { hub, environment, stream };
  }

  // SPEC 50
  it("names the position it has been written up to, and the rest follows with ids", () => {
    const { hub, environment, stream } = stalled("?channels=a");
    publishAll(hub, "b", [2]);
    publishAll(hub, "a", [3]);
    publishAll(hub, "b", [4]);
    environment.endTick();
    expect(change(hub, { conn: stream.conn(), subscribe: ["b"], since: { b: "epoch0.0" } }).status).toBe(200);
    publishAll(hub, "b", [5]);
    environment.endTick();
    expect(stream.script()).toHaveLength(1);
    stream.res.drain();
    expect(stream.script().slice(1)).toEqual([
      ["b", undefined, 2],
      ["sse.subscribed", { channel: "b", pos: "2" }],
      ["a", "epoch0.3", 3],
      ["b", "epoch0.4", 4],
      ["b", "epoch0.5", 5],
    ]);
  });

  // SPEC 50
  it("does not send again what the client has from elsewhere", () => {
    const { hub, environment, stream } = stalled("?channels=a,c/1");
    publishAll(hub, "c/1", [2]);
    publishAll(hub, "c/2", [3]);
    publishAll(hub, "b", [4, 5]);
    environment.endTick();
    change(hub, { conn: stream.conn(), subscribe: ["b", "c/*"], since: { b: "epoch0.4", "c/*": "epoch0.5" } });
    stream.res.drain();
    expect(stream.script().slice(1)).toEqual([
      ["sse.subscribed", { channel: "b", pos: "1" }],
      ["sse.subscribed", { channel: "c/*", pos: "1" }],
      ["c/1", "epoch0.2", 2],
      ["b", "epoch0.5", 5],
    ]);
  });

  // SPEC 50
  it("tells what was lost before that position, and then what was lost after it", () => {
    const { hub, environment, stream } = stalled("?channels=a", { history: { size: 2 } });
    publishAll(hub, "a", [2]);
    environment.endTick();
    publishAll(hub, "b", [3, 4, 5, 6]);
    environment.endTick();
    change(hub, { conn: stream.conn(), subscribe: ["b"], since: { b: "epoch0.0" } });
    stream.res.drain();
    expect(stream.script().slice(1)).toEqual([
      ["sse.gap", { channels: ["b"], reason: "trimmed", from: "epoch0.0", to: "epoch0.1" }],
      ["sse.subscribed", { channel: "b", pos: "1" }],
      ["sse.gap", { channels: ["b"], reason: "slow", from: "epoch0.1", to: "epoch0.6" }],
      ["a", "epoch0.2", 2],
    ]);
  });

  // SPEC 49, 50
  it("sends what a gap had given up once the channel was dropped and added with a later `since`", () => {
    const { hub } = createTestHub({ history: { channels: { b: { size: 2 } } }, slow: { maxBufferedBytes: 1_000 } });
    publishAll(hub, "a", ["x".repeat(60_000), "x".repeat(60_000)]);
    publishAll(hub, "b", [3, 4, 5]);
    const res = createFakeResponse();
    res.stalled = true;
    const stream = connect(hub, "?channels=a,b", "epoch0.0", undefined, res);
    const conn = stream.conn();
    change(hub, { conn, unsubscribe: ["b"] });
    change(hub, { conn, subscribe: ["b"], since: { b: "epoch0.4" } });
    res.drain();
    expect(stream.gaps()).toMatchObject([{ channels: ["b"], reason: "trimmed" }]);
    expect(stream.script().slice(2)).toEqual([
      ["sse.subscribed", { channel: "b", pos: "1" }],
      ["a", "epoch0.2", "x".repeat(60_000)],
      ["b", "epoch0.5", 5],
    ]);
  });

  // SPEC 48, 49
  it("forgets what it owes for a channel that is dropped, and confirms an added one once", () => {
    const { hub, stream } = stalled("?channels=a");
    publishAll(hub, "b", [2, 3]);
    publishAll(hub, "c", [4]);
    const { text } = stream.res;
    const conn = stream.conn();
    const since = { b: "epoch0.0", c: "other1.0" };
    for (let times = 0; times < 3; times++) change(hub, { conn, subscribe: ["b", "c"], since });
    change(hub, { conn, unsubscribe: ["b", "c"] });
    change(hub, { conn, subscribe: ["b"], since: { b: "epoch0.2" } });
    for (let times = 0; times < 3; times++) change(hub, { conn, subscribe: ["b"] });
    expect(stream.res.text).toBe(text);
    stream.res.drain();
    const [, ...rest] = stream.script();
    expect(rest).toEqual([
      ["b", undefined, 3],
      ["sse.subscribed", { channel: "b", pos: "4" }],
    ]);
  });

  // SPEC 43
  it("owes no more than a thousand markers to a peer that takes nothing", () => {
    const channels = defineChannels({ "a/b/c/d/e/f/g/h/i/j": {}, x: {} });
    const { hub } = createTestHub({ channels, slow: { maxBufferedBytes: 1 } });
    const stream = connect(hub, "?channels=x");
    stream.res.stalled = true;
    publishAll(hub, "x", [1]);
    const names = Array.from({ length: 1_024 }, (_, bits) =>
      [..."abcdefghij"].map((letter, index) => (bits & (1 << index) ? "*" : letter)).join("/"),
    );
    const conn = stream.conn();
    expect(change(hub, { conn, subscribe: names.slice(0, 512) }).json["rejected"]).toEqual([]);
    const { json } = change(hub, { conn, subscribe: names.slice(512) });
    expect(json["channels"]).toEqual(["a/b/c/d/e/f/g/h/i/j", "x"]);
    expect(json["rejected"]).toHaveLength(24);
    stream.res.drain();
    expect(stream.script().filter(([event]) => event === "sse.subscribed")).toHaveLength(1_000);
  });

  // SPEC 43
  it("owes a bounded number of gaps to a peer that takes nothing", () => {
    const { hub } = createTestHub({
      history: { size: 1 },
      replayMax: 0,
      slow: { maxBufferedBytes: 1 },
      limits: { channelsPerConnection: null },
    });
    const names = Array.from({ length: 900 }, (_, index) => `c${index}/*`);
    for (const name of names) {
      publishAll(hub, name.replace("*", "trimmed"), [1, 2]);
      publishAll(hub, name.replace("*", "kept"), [3]);
    }
    const stream = connect(hub, "?channels=x");
    stream.res.stalled = true;
    publishAll(hub, "x", [1]);
    const since = Object.fromEntries(names.map((name) => [name, "epoch0.0"]));
    const { json } = change(hub, { conn: stream.conn(), subscribe: names, since });
    expect((json["rejected"] as string[]).length).toBeGreaterThan(0);
    stream.res.drain();
    expect(stream.gaps().length).toBeGreaterThan(1_000);
    expect(stream.gaps().length).toBeLessThanOrEqual(2_000);
  });

  // SPEC 17, 49
  it("is told of a gap as long as it carries one of its channels, whatever names were dropped", () => {
    const channels = defineChannels({ "chat/1": {}, "chat/2": {}, x: {} });
    const { hub, environment } = createTestHub({ channels, slow: { maxBufferedBytes: 1 } });
    const stream = connect(hub, "?channels=x");
    const conn = stream.conn();
    stream.res.stalled = true;
    publishAll(hub, "x", [1]);
    environment.endTick();
    const { text } = stream.res;
    const add = { conn, subscribe: ["chat/*"], since: { "chat/*": "other1.0" } };
    change(hub, add);
    // The stream carries chat/1 and chat/2, but nothing under this name.
    expect(change(hub, { conn, unsubscribe: ["chat/*"] }).json["channels"]).toEqual(["chat/1", "chat/2", "x"]);
    change(hub, { conn, unsubscribe: ["chat/1"] });
    for (let times = 0; times < 3_000; times++) change(hub, { ...add, unsubscribe: ["chat/1"] });
    expect(stream.res.text).toBe(text);
    stream.res.drain();
    const gap = { reason: "epoch", from: "other1.0", to: "epoch0.1" };
    const [, ...rest] = stream.script();
    expect(rest).toEqual([
      ["sse.gap", { channels: ["chat/1", "chat/2"], ...gap }],
      ["sse.gap", { channels: ["chat/1"], ...gap }],
      ["sse.subscribed", { channel: "chat/*", pos: "1" }],
    ]);
  });

  // SPEC 50
  it("during first messages keeps them before everything else, and those of a dropped channel away", () => {
    const { hub } = createTestHub({ initial: { a: 10, b: 10 }, slow: { maxBufferedBytes: 1_000 } });
    publishAll(hub, "a", ["x".repeat(60_000), "y".repeat(60_000)]);
    publishAll(hub, "b", [3]);
    publishAll(hub, "c", [4]);
    const res = createFakeResponse();
    res.stalled = true;
    const stream = connect(hub, "?channels=a,b", undefined, undefined, res);
    change(hub, { conn: stream.conn(), unsubscribe: ["b"], subscribe: ["c"], since: { c: "epoch0.1" } });
    res.drain();
    expect(stream.script().map(([event, id]) => [event, id])).toEqual([
      ["a", "epoch0.1"],
      ["a", "epoch0.2"],
      ["c", undefined],
      ["sse.subscribed", { channel: "c", pos: "4" }],
    ]);
    expect(stream.parse().lastEventId).toBe("epoch0.4");
  });
});
