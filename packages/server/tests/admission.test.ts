import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { type AuthorizeContext, type Decision, defineChannels, GrantError, type HubOptions } from "../src/index.ts";
import { collectGarbage } from "./support/collect-garbage.ts";
import { changeRequest, createFakeResponse, pollRequest, streamRequest } from "./support/fake-response.ts";
import { START_DATE } from "./support/manual-environment.ts";
import { change, connect, createTestHub, poll, settle } from "./support/test-hub.ts";

/** A decision that is made by hand. */
function pendingDecision() {
  let decide!: (decision: Decision) => void;
  let fail!: (error: unknown) => void;
  const decision = new Promise<Decision>((resolve, reject) => {
    decide = resolve;
    fail = reject;
  });
  return { decision, decide, fail };
}

function guarded(decide: (context: AuthorizeContext) => unknown, options: HubOptions = {}) {
  const onError = vi.fn();
  return { ...createTestHub({ authorize: decide as () => Decision, onError, ...options }), onError };
}

describe("options of a request", () => {
  // SPEC 37, 56, 130
  it.each([
    { user: "" },
    { user: 7 },
    { user: null },
    { expiresAt: Number.NaN },
    { expiresAt: "2030" },
    { expiresAt: new Date() },
    { ip: 1 },
    { expiresAt: 1e9 },
    { expiresAt: START_DATE / 1_000 + 3_600 },
    { expiresAt: 1e11 - 1 },
  ])("%j are refused before anything is written", async (options) => {
    const { hub } = createTestHub();
    const res = createFakeResponse();
    const expected = expect.objectContaining({ code: "invalid-option", option: Object.keys(options)[0] });
    expect(() => hub.node(streamRequest(), res, options as object)).toThrow(expected);
    await expect(hub.fetch(new Request("http://x/"), options as object)).rejects.toThrow(expected);
    expect(res.listeners).toBe(0);
  });

  // SPEC 6, 56
  it("decide within the call where there is no authorize", async () => {
    const { hub } = createTestHub();
    const stream = connect(hub, "", undefined, { user: "u", ip: "192.0.2.1", expiresAt: START_DATE + 1_000 });
    expect(stream.hello()).toBeDefined();
    expect(hub.connectionsOf("u")).toMatchObject([{ ip: "192.0.2.1" }]);
    void hub.fetch(new Request("http://x/"), { user: "u" });
    expect(hub.connectionCount).toBe(2);
  });

  // SPEC 130
  it("say what to do where the end is in seconds", () => {
    const { hub } = createTestHub();
    const expiresAt = START_DATE / 1_000 + 3_600;
    expect(() => hub.node(streamRequest(), createFakeResponse(), { expiresAt })).toThrow(
      `Option "expiresAt": ${expiresAt} looks like seconds. It is in milliseconds: multiply \`exp\` by 1,000.`,
    );
  });

  // SPEC 64, 130
  it.each([1e9 - 1, 1e11, 1])(
    "with the end %d, over in either unit or no date in seconds, are answered with 401",
    (end) => {
      const { hub } = createTestHub();
      expect(connect(hub, "", undefined, { expiresAt: end }).res.statusCode).toBe(401);
    },
  );

  // SPEC 64
  it.each([START_DATE, START_DATE - 1, 0, Number.NEGATIVE_INFINITY])("with the end %d are answered with 401", (end) => {
    const { hub, environment } = createTestHub();
    const { res } = connect(hub, "", undefined, { expiresAt: end });
    expect(res).toMatchObject({ statusCode: 401, ended: true });
    expect(change(hub, { conn: "x" }, { expiresAt: end })).toMatchObject({ status: 401, json: { error: "expired" } });
    expect(environment.pending).toBe(0);
  });
});

describe("authorize", () => {
  // SPEC 57
  it.each<[object, object, object]>([
    [{}, {}, { user: undefined, channels: ["a", "b", "c/*"] }],
    [{ user: "app", channels: ["a"] }, {}, { user: "app", channels: ["a"] }],
    [{ user: "app" }, { user: "grant" }, { user: "grant", channels: ["a", "b", "c/*"] }],
    [{ channels: ["a", "c/*"] }, { channels: ["b", "c/7"] }, { channels: ["c/7"] }],
    [{ channels: ["c/1"] }, { channels: ["**"] }, { channels: ["c/1"] }],
    [{ channels: ["a"] }, { channels: [] }, { channels: [] }],
    [{}, { user: undefined, channels: undefined, expiresAt: undefined }, { channels: ["a", "b", "c/*"] }],
  ])("with %j and the grant %j admits to %j", async (options, grant, expected) => {
    const connected = vi.fn();
    const channels = defineChannels({ a: {}, b: {}, "c/*": {} });
    const { hub } = guarded(() => grant, { channels, onConnect: connected });
    const stream = connect(hub, "", undefined, options);
    expect(stream.res.writes).toEqual([]);
    await settle();
    expect(connected.mock.calls).toMatchObject([[expected]]);
    expect(stream.hello()).toMatchObject({ channels: (expected as { channels: string[] }).channels });
  });

  // SPEC 57, 63
  it.each([
    [100, 200, 100],
    [200, 100, 100],
    [undefined, 100, 100],
    [100, undefined, 100],
    [100, Number.POSITIVE_INFINITY, 100],
  ])("with the ends %s and %s ends the stream at %s", async (own, granted, end) => {
    const at = (ms: number | undefined) => (ms === undefined ? undefined : START_DATE + ms);
    const { hub, environment } = guarded(() => ({ expiresAt: at(granted) }));
    connect(hub, "", undefined, { expiresAt: at(own) });
    await settle();
    environment.advance(end - 11);
    expect(hub.connectionCount).toBe(1);
    environment.advance(11);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 58
  it.each<[string, () => unknown]>([
    ["undefined", () => undefined],
    ["true", () => true],
    ["a string", () => "u"],
    ["an array", () => []],
    ["an error", () => new Error("returned")],
    ["a Map", () => new Map([["user", "u"]])],
    ["a class of its own", () => new (class {})()],
    ["inherited fields", () => Object.create({ channels: ["a"] })],
    ["an unknown field", () => ({ chanels: ["a"] })],
    ["no user", () => ({ user: "" })],
    ["a number for a user", () => ({ user: 7 })],
    ["channels that are no list", () => ({ channels: "a" })],
    ["null for channels", () => ({ channels: null })],
    ["channels that are no names", () => ({ channels: [7] })],
    ["a channel nobody defined", () => ({ channels: ["nope"] })],
    ["an end that is no number", () => ({ expiresAt: Number.NaN })],
    ["a date", () => ({ expiresAt: new Date() })],
    ["an end in seconds", () => ({ expiresAt: START_DATE / 1_000 + 3_600 })],
    ["a Response that is being read", () => readHalf(new Response("x"))],
    ["an error response", () => Response.error()],
    [
      "a getter that throws",
      () => ({
        get user() {
          throw new Error("x");
        },
      }),
    ],
  ])("that returns %s admits nobody", async (_, decide) => {
    const { hub, onError, environment } = guarded(decide, { channels: defineChannels({ a: {} }) });
    const stream = connect(hub);
    const polled = poll(hub);
    const fetched = hub.fetch(new Request("http://x/"));
    await settle();
    expect([stream.res.statusCode, polled.res.statusCode, (await fetched).status]).toEqual([500, 500, 500]);
    expect(polled.json()).toMatchObject({ error: "failed" });
    expect(onError).toHaveBeenCalledTimes(3);
    expect(onError.mock.calls[0]![0]).toMatchObject({ code: "invalid-grant" });
    expect(onError.mock.calls[0]![0]).toBeInstanceOf(GrantError);
    expect([hub.connectionCount, environment.pending, stream.res.listeners]).toEqual([0, 0, 0]);
  });

  // SPEC 58
  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("secret");
      },
    ],
    ["rejects", () => Promise.reject(new Error("secret"))],
    ["rejects with nothing", () => Promise.reject()],
    [
      "returns a thenable that throws",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: what is tested.
        then() {
          throw new Error("secret");
        },
      }),
    ],
  ])("that %s admits nobody and tells no details", async (_, decide) => {
    const { hub, onError } = guarded(decide);
    const { res } = connect(hub);
    await settle();
    expect(res.statusCode).toBe(500);
    expect(res.answer).not.toContain("secret");
    expect(onError).toHaveBeenCalledTimes(1);
    expect(hub.stats().refused).toMatchObject({ failed: 1 });
  });

  // SPEC 57
  it.each([
    ["another realm", () => runInNewContext("({ user: 'u' })")],
    ["no prototype", () => Object.assign(Object.create(null), { user: "u" })],
  ])("may return a grant of %s", async (_, decide) => {
    const { hub } = guarded(decide);
    connect(hub);
    await settle();
    expect(hub.connectionsOf("u")).toHaveLength(1);
  });

  // SPEC 57
  it("changes nothing of a request or a grant afterwards", async () => {
    const grant = { user: "u", channels: ["a"] };
    const own = { channels: ["a", "b"], headers: { "x-own": "1" } };
    const { hub } = guarded(async ({ query, headers }) => {
      query.set("channels", "b");
      headers.set("last-event-id", "epoch0.zzz");
      own.channels.length = 0;
      own.headers["x-own"] = "2";
      return grant;
    });
    const stream = connect(hub, "?channels=a,b", undefined, own);
    await settle();
    grant.channels.push("b");
    expect(stream.hello()).toMatchObject({ channels: ["a"], resume: "fresh" });
    expect(stream.res.headers.get("x-own")).toBe("1");
  });

  // SPEC 59
  it("forgets a client that leaves, whatever is decided later", async () => {
    for (const finish of ["decide", "fail"] as const) {
      const { decision, ...control } = pendingDecision();
      let signal!: AbortSignal;
      const { hub, environment, onError } = guarded((context) => {
        signal = context.signal;
        return decision;
      });
      const requests = [streamRequest(), pollRequest("", "epoch0.0"), changeRequest({ conn: "x" })];
      for (const request of requests) {
        const res = createFakeResponse();
        hub.node(request, res);
        expect(res.listeners).toBe(1);
        await settle();
        expect(signal.aborted).toBe(false);
        res.leave();
        expect([res.listeners, signal.aborted, res.statusCode, res.ended]).toEqual([0, true, 0, false]);
      }
      if (finish === "decide") control.decide({ user: "u" });
      else control.fail(new Error("late"));
      await settle();
      expect(hub.stats()).toMatchObject({ connections: 0, users: 0 });
      expect(environment.pending).toBe(0);
      expect(onError).not.toHaveBeenCalled();
    }
  });

  // SPEC 59
  it("answers a Fetch request that is aborted meanwhile, and keeps nothing of it", async () => {
    const { decision, decide } = pendingDecision();
    const { hub } = guarded(() => decision);
    const left = new AbortController();
    const removed = vi.spyOn(AbortSignal.prototype, "removeEventListener");
    const answer = hub.fetch(new Request("http://x/", { signal: left.signal }));
    await settle();
    left.abort();
    expect((await answer).body).toBeNull();
    decide({});
    await settle();
    expect(hub.connectionCount).toBe(0);
    removed.mockRestore();
  });

  // SPEC 59
  it("opens nothing for a Fetch request that is aborted right after the decision", async () => {
    for (const accept of ["text/event-stream", "application/json"]) {
      for (let jobs = 0; jobs < 12; jobs++) {
        const { hub, environment } = createTestHub({ authorize: async () => ({}) });
        const left = new AbortController();
        const init = { signal: left.signal, headers: { accept, "last-event-id": "epoch0.0" } };
        const answer = hub.fetch(new Request("http://x/", init));
        for (let index = 0; index < jobs; index++) await undefined;
        left.abort();
        await answer;
        await settle();
        expect([accept, jobs, hub.connectionCount, environment.pending]).toEqual([accept, jobs, 0, 0]);
      }
    }
  });

  // SPEC 59
  it("leaves no listener of its own once it has decided", async () => {
    const { hub } = guarded(async () => ({}));
    const stream = connect(hub);
    const polled = poll(hub, "", "epoch0.0");
    await settle();
    const plain = createTestHub().hub;
    expect(stream.res.listeners).toBe(connect(plain).res.listeners);
    expect(polled.res.listeners).toBe(poll(plain, "", "epoch0.0").res.listeners);
  });

  // SPEC 59
  it("is not asked about a client that leaves at once", async () => {
    const decide = vi.fn();
    const { hub } = guarded(decide);
    const { res } = connect(hub);
    res.leave();
    await settle();
    expect(decide).not.toHaveBeenCalled();
  });

  // SPEC 59
  it("that never settles and is kept for ever keeps no client that has left", async () => {
    const kept = pendingDecision();
    const { hub } = guarded(() => kept.decision);
    const left = await (async () => {
      const res = createFakeResponse();
      hub.node(streamRequest(), res);
      await settle();
      res.leave();
      return new WeakRef(res);
    })();
    await collectGarbage();
    expect(left.deref()).toBeUndefined();
    kept.decide(null);
  });

  // SPEC 59, 67
  it("may be slow for a thousand clients, of whom half leave", async () => {
    const { decision, decide } = pendingDecision();
    const { hub, environment } = guarded(() => decision, { limits: { perUser: 300 } });
    const streams = Array.from({ length: 1_000 }, () => connect(hub));
    await settle();
    for (const [index, { res }] of streams.entries()) if (index % 2 === 0) res.leave();
    expect(environment.pending).toBe(0);
    decide({ user: "u" });
    await settle();
    expect(hub.connectionCount).toBe(300);
    expect(hub.stats().refused.perUser).toBe(200);
    for (const { res } of streams) res.leave();
    expect(hub.stats()).toMatchObject({ connections: 0, users: 0 });
    expect(environment.pending).toBe(0);
    expect(Math.max(...streams.map(({ res }) => res.listeners))).toBe(0);
  });

  // SPEC 59
  it("leaves alone what somebody else has answered meanwhile", async () => {
    const { hub } = guarded(async () => ({}));
    const res = createFakeResponse();
    hub.node(streamRequest(), res);
    res.statusCode = 503;
    res.stalled = true;
    res.end("too late");
    await settle();
    expect([res.statusCode, res.answer, res.headers.size, hub.connectionCount]).toEqual([503, "too late", 0, 0]);
  });

  // SPEC 58, 74
  it("is followed by 500 where the answer cannot be sent, and that is reported", async () => {
    const { hub, onError } = guarded(async () => ({}));
    const { res } = connect(hub);
    res.setHeader = (name) => {
      if (name === "x-accel-buffering") throw new TypeError("cannot be sent");
    };
    await settle();
    expect([res.statusCode, res.ended]).toEqual([500, true]);
    expect(onError.mock.calls).toEqual([[new TypeError("cannot be sent")]]);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 38, 60
  it("is not asked by a hub that is closing", async () => {
    const decide = vi.fn();
    const { hub } = guarded(decide);
    await hub.close({ spreadMs: 0 });
    expect(connect(hub).parse().events).toMatchObject([{ event: "sse.bye", json: { reason: "shutdown" } }]);
    expect(poll(hub).res).toMatchObject({ statusCode: 503 });
    expect(change(hub, { conn: "x" })).toMatchObject({ status: 503, json: { error: "closing" } });
    expect(decide).not.toHaveBeenCalled();
    expect(hub.stats().refused.closing).toBe(3);
  });

  // SPEC 60
  it("that decides after the hub has closed has no effect", async () => {
    const { decision, decide } = pendingDecision();
    let signal!: AbortSignal;
    const { hub, environment } = guarded((context) => {
      signal = context.signal;
      return decision;
    });
    const stream = connect(hub);
    const polled = poll(hub);
    const body = changeRequest({ conn: "x" });
    const changed = createFakeResponse();
    hub.node(body, changed);
    await settle();
    const closing = hub.close({ spreadMs: 0 });
    expect(signal.aborted).toBe(true);
    expect(stream.parse().events).toMatchObject([{ event: "sse.bye", json: { reason: "shutdown" } }]);
    expect(polled.res).toMatchObject({ statusCode: 503, ended: true });
    expect(polled.res.headers.get("connection")).toBe("close");
    expect(changed.statusCode).toBe(503);
    await closing;
    decide({ user: "u" });
    await settle();
    expect(hub.connectionCount).toBe(0);
    expect(environment.pending).toBe(0);
  });
});

function readHalf(response: Response): Response {
  response.body!.getReader();
  return response;
}
