import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createChannelRegistry } from "../src/channel-registry.ts";
import { createCounters } from "../src/counters.ts";
import { createDoor } from "../src/door.ts";
import { completeEnvironment } from "../src/environment.ts";
import { type Decision, defineChannels, type HubOptions } from "../src/index.ts";
import { createLimits, resolveLimits } from "../src/limits.ts";
import { readNodeRequest } from "../src/node-request.ts";
import { createReporter } from "../src/reporter.ts";
import type { Purpose } from "../src/stream-request.ts";
import { createTally } from "../src/tally.ts";
import { changeRequest, createFakeResponse, streamRequest } from "./support/fake-response.ts";
import { createManualEnvironment } from "./support/manual-environment.ts";
import { change, connect, createTestHub, type FakeStream, poll, settle } from "./support/test-hub.ts";

describe("limits", () => {
  // SPEC 38, 67
  it.each([
    ["total", { total: 2 }, [{}, { user: "a" }], [{ user: "b" }, {}]],
    ["perUser", { perUser: 2 }, [{ user: "a" }, { user: "a" }, {}, {}, {}, { user: "b" }], [{ user: "a" }]],
    ["perIp", { perIp: 1 }, [{ ip: "192.0.2.1" }, { ip: "192.0.2.2" }, {}, {}], [{ ip: "::ffff:192.0.2.1" }]],
    ["perIp", { perIp: 1 }, [{ ip: "2001:db8::1" }, { ip: "2001:db8:0:1::1" }], [{ ip: "2001:db8::2:0:0:1" }]],
  ] as const)("%s turns away whoever is too many", (name, limits, fitting, refused) => {
    const { hub, environment } = createTestHub({ limits });
    const streams = fitting.map((options) => connect(hub, "", undefined, options));
    expect(streams.map((stream) => stream.res.ended)).toEqual(fitting.map(() => false));
    for (const options of refused) {
      const stream = connect(hub, "", undefined, options);
      expect(stream.res).toMatchObject({ statusCode: 200, ended: true, listeners: 0 });
      expect(stream.parse().events).toMatchObject([{ event: "sse.bye", json: { reason: "limit", retryMs: 10_000 } }]);
      expect(stream.parse().retry).toBe(10_000);
    }
    expect(hub.stats()).toMatchObject({ connections: fitting.length, refused: { [name]: refused.length } });
    streams[0]!.res.leave();
    expect(connect(hub, "", undefined, refused[0]).res.ended).toBe(false);
    void hub.close({ spreadMs: 0 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 67
  it("count a poll for as long as it is held", () => {
    const { hub, environment } = createTestHub({ limits: { perUser: 1 } });
    const user = { user: "u" };
    const held = poll(hub, "?channels=a", "epoch0.0", user);
    expect(connect(hub, "", undefined, user).res.ended).toBe(true);
    void hub.publish("a", 1);
    environment.endTick();
    expect(held.json()).toMatchObject({ events: [{ data: "1" }] });
    const stream = connect(hub, "", undefined, user);
    expect(stream.res.ended).toBe(false);
    stream.res.leave();
    const left = poll(hub, "?channels=a", hub.head, user);
    left.res.leave();
    expect(connect(hub, "", undefined, user).res.ended).toBe(false);
  });

  // SPEC 68
  it("answer a poll that is too much at once, without loss, and send it away for a while", () => {
    const { hub } = createTestHub({ limits: { total: 1 } }, () => 0);
    connect(hub);
    expect(poll(hub, "?channels=a", "epoch0.0").json()).toMatchObject({ events: [], id: "epoch0.0", retryMs: 5_000 });
    void hub.publish("a", 1);
    expect(poll(hub, "?channels=a", "epoch0.0").json()).toMatchObject({
      events: [{ data: "1" }],
      id: "epoch0.1",
      retryMs: 5_000,
    });
    expect(hub.stats().refused.total).toBe(2);
  });

  // SPEC 68
  it("answer with 429 if told so", () => {
    const { hub } = createTestHub({ limits: { total: 1 }, overLimit: "status" }, () => 0.001);
    connect(hub);
    const { res } = connect(hub);
    expect([res.statusCode, res.headers.get("retry-after"), res.writes.length]).toEqual([429, "6", 0]);
    const polled = poll(hub, "", "epoch0.0");
    expect([polled.res.statusCode, polled.res.headers.get("retry-after")]).toEqual([429, "6"]);
    expect(polled.json()).toMatchObject({ error: "too-many" });
  });

  // SPEC 67
  it.each([0, null, undefined])("of %s are none", (limit) => {
    const limits = { total: limit, perUser: limit, perIp: limit } as object;
    const { hub } = createTestHub({ limits });
    for (let index = 0; index < 50; index++) connect(hub, "", undefined, { user: "u", ip: "192.0.2.1" });
    expect(hub.connectionCount).toBe(50);
  });

  // SPEC 67
  it("hold for users of any name", () => {
    const { hub } = createTestHub({ limits: { perUser: 1 } });
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "ü\u0000\r\n", "\ud800", "x".repeat(1e5)];
    const streams = names.map((user) => connect(hub, "", undefined, { user }));
    expect(hub.connectionCount).toBe(names.length);
    for (const user of names) {
      expect(connect(hub, "", undefined, { user }).res.ended).toBe(true);
      expect(hub.connectionsOf(user)).toMatchObject([{ user }]);
    }
    for (const { res } of streams) res.leave();
    for (const user of names) expect(hub.connectionsOf(user)).toEqual([]);
    expect(hub.stats().users).toBe(0);
  });

  // SPEC 67
  it("count nothing that could not be opened, and everything once", () => {
    const limits = createLimits(resolveLimits({ total: 1 }));
    const seat = limits.take({ user: "u", ip: undefined });
    limits.leave(seat);
    limits.leave(seat);
    limits.take({ user: "u", ip: undefined });
    expect(limits.reachedBy({ user: undefined, ip: undefined })).toBe("total");

    const { hub } = createTestHub({ limits: { total: 1 } });
    const res = createFakeResponse();
    res.setHeader = () => {
      throw new Error("headers sent");
    };
    expect(() => connect(hub, "", undefined, {}, res)).toThrow("headers sent");
    expect(connect(hub).res.ended).toBe(false);
  });

  // SPEC 67
  it("keep nothing of a hundred thousand users that have left", () => {
    const tally = createTally();
    const limits = createLimits(resolveLimits({ perUser: 1, perIp: 1 }));
    for (let index = 0; index < 100_000; index++) {
      const holder = { user: `u${index}`, ip: `ip${index}` };
      tally.add(holder.user);
      expect(limits.reachedBy(holder)).toBeUndefined();
      const seat = limits.take(holder);
      expect(limits.reachedBy(holder)).toBe("perUser");
      limits.leave(seat);
      limits.leave(seat);
      tally.remove(holder.user);
    }
    expect(tally.size).toBe(0);
    expect(limits.size).toBe(0);
  });

  // SPEC 59, 67
  it("count exactly, whatever comes and goes, and are never exceeded", { timeout: 60_000 }, async () => {
    const step = fc.record({
      do: fc.constantFrom(
        "stream",
        "poll",
        "fetch",
        "decide",
        "refuse",
        "fail",
        "leave",
        "publish",
        "break",
        "advance",
      ),
      at: fc.nat({ max: 50 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, isGuarded) => {
        const limits = { total: 6, perUser: 3, perIp: 4 };
        const waiting: { decide: (decision: Decision) => void; fail: (error: unknown) => void }[] = [];
        const authorize = () =>
          new Promise<Decision>((decide, fail) => {
            waiting.push({ decide, fail });
          });
        const { hub, environment } = createTestHub({ limits, onError() {}, ...(isGuarded ? { authorize } : {}) });
        const leave: (() => void)[] = [];
        const streams: FakeStream[] = [];
        for (const { do: what, at } of steps) {
          const options = { user: `u${at % 3}`, ip: `192.0.2.${at % 2}` };
          const waiter = waiting.splice(
            at % Math.max(1, waiting.length),
            what.length === 4 || what === "decide" ? 1 : 0,
          );
          if (what === "stream") {
            const stream = connect(hub, "?channels=a", undefined, options);
            streams.push(stream);
            leave.push(stream.res.leave);
          } else if (what === "poll") {
            leave.push(poll(hub, "?channels=a", hub.head, options).res.leave);
          } else if (what === "fetch") {
            const left = new AbortController();
            hub.fetch(new Request("http://x/?channels=a", { signal: left.signal }), options).catch(() => {});
            leave.push(() => left.abort());
          } else if (what === "decide") waiter[0]?.decide({});
          else if (what === "refuse") waiter[0]?.decide(null);
          else if (what === "fail") waiter[0]?.fail(new Error("x"));
          else if (what === "leave") leave[at % Math.max(1, leave.length)]?.();
          else if (what === "publish") void hub.publish("a", at);
          else if (what === "break" && streams.length > 0) {
            streams[at % streams.length]!.res.write = () => {
              throw new Error("gone");
            };
          } else if (what === "advance") environment.advance(at * 1_000);
          if (at % 2 === 0) await settle();
          expect(hub.connectionCount).toBeLessThanOrEqual(limits.total);
          for (const user of ["u0", "u1", "u2"]) expect(hub.connectionsOf(user).length).toBeLessThanOrEqual(3);
        }
        for (const each of leave) each();
        for (const { decide } of waiting) decide({ user: "late" });
        await settle();
        environment.endTick();
        expect(hub.stats()).toMatchObject({ connections: 0, users: 0 });
        expect(environment.pending).toBe(0);
        // All the room there was is there again.
        const again = Array.from({ length: 7 }, (_, index) => connect(hub, "", undefined, { user: `u${index}` }));
        await settle();
        for (const { decide } of waiting) decide({});
        await settle();
        expect(again.filter(({ res }) => res.ended)).toHaveLength(1);
      }),
      { numRuns: 150 },
    );
  });
});

describe("requests that wait for authorize", () => {
  /** A hub whose decisions are made by hand, the oldest first. */
  function createSlowHub(options: HubOptions) {
    const asked: ((decision: Decision | Promise<never>) => void)[] = [];
    const authorize = () => new Promise<Decision>((decide) => asked.push(decide as (typeof asked)[number]));
    return { ...createTestHub({ authorize, onError() {}, ...options }), asked };
  }

  const from = (ip: string | undefined) => ({ ip });

  // SPEC 131
  it.each([
    ["total", { total: 2 }, [undefined, "192.0.2.1"], [undefined, "192.0.2.2"]],
    ["perIp", { perIp: 1 }, ["192.0.2.1", "192.0.2.2", undefined, undefined], ["192.0.2.1", "::ffff:192.0.2.2"]],
    ["pending", { pending: 2 }, [undefined, "192.0.2.1"], [undefined, "192.0.2.1"]],
  ] as const)(
    "are turned away before anybody is asked, where %s leaves no room",
    async (name, limits, fitting, rest) => {
      const { hub, environment, asked } = createSlowHub({ limits });
      const streams = fitting.map((ip) => connect(hub, "", undefined, from(ip)));
      await settle();
      for (const ip of rest) {
        const stream = connect(hub, "", undefined, from(ip));
        expect(stream.res).toMatchObject({ statusCode: 200, ended: true, listeners: 0 });
        expect(stream.parse().events).toMatchObject([{ event: "sse.bye", json: { reason: "limit", retryMs: 10_000 } }]);
        expect(poll(hub, "", "epoch0.0", from(ip)).res).toMatchObject({ statusCode: 429, listeners: 0 });
      }
      await settle();
      expect([asked.length, hub.stats().refused[name], environment.pending]).toEqual([
        fitting.length,
        2 * rest.length,
        0,
      ]);
      for (const decide of asked) decide({});
      await settle();
      expect(streams.map(({ res }) => res.ended)).toEqual(fitting.map(() => false));
      expect([hub.connectionCount, hub.stats().refused[name]]).toEqual([fitting.length, 2 * rest.length]);
    },
  );

  // SPEC 131
  it("are told so by status if told so", async () => {
    const { hub, asked } = createSlowHub({ limits: { pending: 1 }, overLimit: "status" });
    connect(hub);
    const { res } = connect(hub);
    expect([res.statusCode, res.headers.get("retry-after"), res.writes.length]).toEqual([429, "10", 0]);
    const changed = change(hub, { conn: "x" });
    expect([changed.status, changed.json["error"]]).toEqual([429, "too-many"]);
    await settle();
    expect(asked).toHaveLength(1);
  });

  // SPEC 131
  it("are a thousand at most, and as many as come with 0 or null", async () => {
    for (const [pending, expected] of [
      [undefined, 1_000],
      [0, 1_200],
      [null, 1_200],
    ] as const) {
      const { hub, asked } = createSlowHub(pending === undefined ? {} : { limits: { pending } });
      for (let index = 0; index < 1_200; index++) connect(hub);
      await settle();
      expect([asked.length, hub.stats().refused.pending]).toEqual([expected, 1_200 - expected]);
    }
  });

  // SPEC 131
  it.each<[string, (asked: (decision: Decision | Promise<never>) => void, leave: () => void) => void]>([
    ["grant", (decide) => decide({})],
    ["refusal", (decide) => decide(null)],
    ["response", (decide) => decide(new Response("no"))],
    ["error", (decide) => decide(Promise.reject(new Error("x")))],
    ["departure", (_, leave) => leave()],
    ["grant of somebody who has left", (decide, leave) => [decide({}), leave()]],
  ])("are counted until a %s, once", async (_, end) => {
    for (const target of ["node", "fetch"]) {
      const { hub, asked } = createSlowHub({ limits: { pending: 2 } });
      const leaves: (() => void)[] = [];
      const ask = async () => {
        const left = new AbortController();
        const res = createFakeResponse();
        if (target === "node") hub.node(streamRequest(), res);
        else hub.fetch(new Request("http://x/", { signal: left.signal })).catch(() => {});
        leaves.push(target === "node" ? res.leave : () => left.abort());
        await settle();
      };
      await ask();
      await ask();
      end(asked[0]!, leaves[0]!);
      await settle();
      leaves[0]!();
      for (let index = 0; index < 3; index++) await ask();
      expect([target, asked.length, hub.stats().refused.pending]).toEqual([target, 3, 2]);
    }
  });

  // SPEC 131
  it("count with those that are open, and not twice once they are", async () => {
    for (const limits of [{ total: 2 }, { perIp: 2 }]) {
      const { hub, asked } = createSlowHub({ limits });
      const own = from("192.0.2.1");
      const open = connect(hub, "", undefined, own);
      await settle();
      asked[0]!({});
      await settle();
      const waiting = connect(hub, "", undefined, own);
      expect(connect(hub, "", undefined, own).res.ended).toBe(true);
      await settle();
      asked[1]!({});
      await settle();
      expect([hub.connectionCount, waiting.res.ended]).toEqual([2, false]);
      open.res.leave();
      waiting.res.leave();
      for (let index = 0; index < 3; index++) connect(hub, "", undefined, own);
      await settle();
      expect(asked).toHaveLength(4);
    }
  });

  // SPEC 131
  it("do not take the place of a stream that waits, nor of its changes, by polling", async () => {
    const { hub, asked } = createSlowHub({ limits: { total: 2, perIp: 2 } });
    const own = from("192.0.2.1");
    const first = connect(hub, "", undefined, own);
    const second = connect(hub, "", undefined, own);
    await settle();
    asked[0]!({ user: "u" });
    await settle();
    const polls = [poll(hub, "", "epoch0.0", own), poll(hub, "", "epoch0.0", own)];
    expect(polls.map(({ res }) => res.statusCode)).toEqual([0, 429]);
    asked[1]!({ user: "u" });
    await settle();
    expect(second.res.ended).toBe(false);
    asked[2]!({ user: "u" });
    await settle();
    // There is no room to hold it, but it gets what there is.
    expect(polls[0]!.json()).toMatchObject({ events: [], retryMs: 10_000 });
    const changes = [0, 1, 2].map(() => {
      const res = createFakeResponse();
      hub.node(changeRequest({ conn: first.conn(), subscribe: ["a"] }), res, own);
      return res;
    });
    await settle();
    for (const decide of asked.slice(3)) decide({ user: "u" });
    await settle();
    expect(changes.map(({ statusCode }) => statusCode)).toEqual([200, 200, 429]);
  });

  // SPEC 131
  it("leave nothing in the count when the hub closes", async () => {
    const limits = createLimits(resolveLimits({ pending: 2 }));
    const environment = completeEnvironment(createManualEnvironment());
    let awayMs: number | undefined;
    const door = createDoor({
      authorize: () => new Promise(() => {}),
      trustProxy: 0,
      registry: createChannelRegistry(undefined),
      environment,
      counters: createCounters(),
      limits,
      overLimit: "retry",
      reporter: createReporter(() => {}),
      awayMs: () => awayMs,
    });
    const knock = (purpose: Purpose) => {
      const admission = door.admit(purpose, readNodeRequest(streamRequest()), { ip: "192.0.2.1" });
      if ("ask" in admission) admission.ask(() => {});
      return "ask" in admission;
    };
    expect([knock("stream"), knock("change"), knock("poll")]).toEqual([true, true, false]);
    expect(limits.size).toBe(2);
    awayMs = 1_000;
    door.close();
    expect(limits.size).toBe(0);
    awayMs = undefined;
    expect([knock("poll"), knock("change"), knock("stream")]).toEqual([true, true, false]);
  });
});

describe("channels of a client's own choice", () => {
  const list = (count: number, prefix = "c/") => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

  // SPEC 69
  it("are a hundred in the query, and the rest of it counts for nothing", () => {
    const { hub } = createTestHub();
    const { channels } = connect(hub, `?channels=${list(150).join()}`).hello() as { channels: string[] };
    expect(channels.toSorted()).toEqual(list(100).toSorted());
    expect(poll(hub, `?channels=${list(150).join()}`).json()).toMatchObject({ channels: { length: 100 } });
    const off = createTestHub({ limits: { channelsPerConnection: 0 } }).hub;
    expect(connect(off, `?channels=${list(150).join()}`).hello()).toMatchObject({ channels: { length: 150 } });
  });

  // SPEC 69
  it("are those that the server has not listed itself", () => {
    const channels = defineChannels({ ...Object.fromEntries(list(150, "own").map((name) => [name, {}])), "c/*": {} });
    const { hub } = createTestHub({ channels, limits: { channelsPerConnection: 2 } });
    expect(connect(hub).hello()).toMatchObject({ channels: { length: 151 } });
    const stream = connect(hub, `?channels=${[...list(150, "own"), ...list(3)].join()}`);
    expect(stream.hello()).toMatchObject({ channels: { length: 152 } });
    expect(connect(hub, "?channels=**").hello()).toMatchObject({ channels: { length: 151 } });
    const options = { channels: list(5) };
    expect(connect(hub, `?channels=${list(5).join()}`, undefined, options).hello()).toMatchObject({
      channels: { length: 5 },
    });
  });

  // SPEC 69
  it("are patterns, too, that would be narrowed to what the server has listed", () => {
    const { hub } = createTestHub({ limits: { channelsPerConnection: 2 } });
    const options = { channels: ["x/1", "y/*"] };
    for (const [query, channels] of [
      ["p/*,x/*", ["x/1"]],
      ["p/*,q/*,x/*", []],
      ["p/*,q/*,x/*,x/1,y/*,y/1", ["x/1", "y/*", "y/1"]],
    ] as const) {
      expect(poll(hub, `?channels=${query}`, undefined, options).json()).toMatchObject({ channels });
    }
  });

  // SPEC 69
  it("cost by the length of the query, not by that times the list of the server", () => {
    const { hub } = createTestHub();
    const options = { channels: list(300, "own/") };
    const split = vi.spyOn(String.prototype, "split");
    try {
      for (const query of [list(3_000, "").join(), "own/7,".repeat(3_000), "*/**,".repeat(3_000), ",".repeat(9_000)]) {
        split.mockClear();
        poll(hub, `?channels=${query}`, undefined, options);
        expect(split.mock.calls.length).toBeLessThan(10_000);
      }
    } finally {
      split.mockRestore();
    }
  });

  // SPEC 43, 69
  it("are counted when they are added, too", () => {
    const channels = defineChannels({ a: {}, b: {}, "c/*": {} });
    const { hub } = createTestHub({ channels, limits: { channelsPerConnection: 3 } });
    const conn = connect(hub, "?channels=c/0,a").conn();
    expect(change(hub, { conn, subscribe: ["c/1", "c/2", "c/3", "b", "c/1"] }).json).toEqual({
      channels: ["a", "b", "c/0", "c/1", "c/2"],
      rejected: ["c/3"],
    });
    expect(change(hub, { conn, unsubscribe: ["c/0"], subscribe: ["c/3", "c/4"] }).json).toEqual({
      channels: ["a", "b", "c/1", "c/2", "c/3"],
      rejected: ["c/4"],
    });
  });
});
