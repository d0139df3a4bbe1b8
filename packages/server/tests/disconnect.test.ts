import { afterEach, describe, expect, it, vi } from "vitest";
import { createHub, type Decision, OptionError } from "../src/index.ts";
import { PROTOCOLS, serveOver } from "./support/exchange.ts";
import { createFakeResponse } from "./support/fake-response.ts";
import { cleanUp, onCleanUp } from "./support/live-server.ts";
import { change, connect, createTestHub, poll, settle } from "./support/test-hub.ts";

afterEach(cleanUp);

describe("a permission that is withdrawn", () => {
  // SPEC 134
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "options"],
    ["an empty object", {}, "options"],
    ["a string", "ann", "options"],
    ["no user", { user: undefined }, "user"],
    ["an empty user", { user: "" }, "user"],
    ["no address", { ip: null }, "ip"],
    ["a number", { id: 7 }, "id"],
    ["two things", { user: "ann", ip: "192.0.2.1" }, "options"],
    ["something unknown", { users: "ann" }, "users"],
  ])("is an error for %s, and never everybody's", (_, target, option) => {
    const { hub } = createTestHub();
    connect(hub);
    connect(hub, "", undefined, { user: "ann" });
    expect(() => hub.disconnect(target as never)).toThrow(OptionError);
    expect(() => hub.disconnect(target as never)).toThrow(expect.objectContaining({ option }));
    expect(hub.connectionCount).toBe(2);
  });

  // SPEC 134
  it("ends the streams and held polls of a user, an address or one stream, and no others", () => {
    for (const [target, ended] of [
      [{ user: "ann" }, [0, 1, 3]],
      [{ ip: "::ffff:192.0.2.1" }, [0, 2, 4]],
      [{ id: "conn-1" }, [0]],
      [{ user: "nobody" }, []],
      [{ user: "__proto__" }, []],
      [{ id: "192.0.2.1" }, []],
    ] as const) {
      const { hub, environment } = createTestHub();
      const as = (user: string | undefined, ip: string | undefined) => ({ user, ip });
      const all = [
        connect(hub, "", undefined, as("ann", "192.0.2.1")),
        connect(hub, "", undefined, as("ann", "192.0.2.2")),
        connect(hub, "", undefined, as("bob", "192.0.2.1")),
        poll(hub, "", "epoch0.0", as("ann", "192.0.2.2")),
        poll(hub, "", "epoch0.0", as("bob", "192.0.2.1")),
        poll(hub, "", "epoch0.0", as("bob", "192.0.2.2")),
        connect(hub),
      ];
      expect(hub.disconnect(target)).toBe(ended.length);
      expect(all.flatMap(({ res }, index) => (res.ended ? [index] : []))).toEqual(ended);
      expect(hub.disconnect(target)).toBe(0);
      for (const { res } of all) res.leave();
      expect([environment.pending, ...all.map(({ res }) => res.listeners)]).toEqual([0, ...all.map(() => 0)]);
    }
  });

  // SPEC 134
  it("brings what was published before, then when to come back, and why", () => {
    const onDisconnect = vi.fn();
    const { hub } = createTestHub({ retryMs: [100, 200], onDisconnect });
    const stream = connect(hub, "", undefined, { user: "ann" });
    const held = poll(hub, "", "epoch0.0", { user: "ann" });
    void hub.publish("a", 1);
    // Its end of the tick has not come.
    expect(hub.disconnect({ user: "ann" })).toBe(1);
    expect(held.json()).toMatchObject({ events: [{ data: "1" }] });
    expect(stream.parse().events.map(({ event }) => event)).toEqual(["sse.hello", "a", "sse.bye"]);
    expect(stream.res.text).toMatch(/retry: 150\n\nevent: sse\.bye\ndata: {"reason":"expired","retryMs":150}\n\n$/);
    expect(hub.stats()).toMatchObject({ connections: 0, users: 0, closes: { expired: 1 } });
    expect(onDisconnect.mock.calls).toMatchObject([[{ user: "ann" }, "expired"]]);
  });

  // SPEC 134
  it("writes a peer that takes nothing its last words only, and a change of its stream finds none", () => {
    const { hub, environment } = createTestHub({ slow: { stallMs: 8_000 } });
    const res = createFakeResponse();
    const stream = connect(hub, "?channels=a", undefined, { user: "ann" }, res);
    res.stalled = true;
    const conn = stream.conn();
    expect(hub.disconnect({ id: conn })).toBe(1);
    const { length } = res.writes;
    void hub.publish("a", "late");
    environment.endTick();
    expect(change(hub, { conn, subscribe: ["b"] }, { user: "ann" }).status).toBe(409);
    expect([res.writes.length, res.ended, hub.disconnect({ id: conn })]).toEqual([length, true, 0]);
    environment.advance(11_000);
    expect([res.destroyed, hub.connectionCount, environment.pending]).toEqual([true, 0, 0]);
  });

  // SPEC 134
  it("may be withdrawn again by whom it concerns, and while the hub closes", async () => {
    const { hub, environment } = createTestHub({ onDisconnect: () => hub.disconnect({ user: "ann" }) });
    const streams = Array.from({ length: 3 }, () => connect(hub, "", undefined, { user: "ann" }));
    const closing = hub.close({ spreadMs: 5_000 });
    expect(hub.disconnect({ user: "ann" })).toBe(3);
    for (const stream of streams)
      expect(stream.parse().events.filter(({ event }) => event === "sse.bye")).toHaveLength(1);
    expect(await closing).toEqual({ ended: 3, destroyed: 0 });
    expect([hub.disconnect({ user: "ann" }), environment.pending]).toEqual([0, 0]);
  });

  // SPEC 134
  it("does not touch what waits for authorize, which can say no by then", async () => {
    const rights = new Set(["ann"]);
    let decide!: () => void;
    const authorize = () =>
      new Promise<Decision>((resolve) => {
        decide = () => resolve(rights.has("ann") ? { user: "ann" } : null);
      });
    const { hub } = createTestHub({ authorize });
    const stream = connect(hub, "", undefined, { user: "ann" });
    await settle();
    rights.clear();
    expect(hub.disconnect({ user: "ann" })).toBe(0);
    decide();
    await settle();
    expect([stream.res.statusCode, hub.connectionCount]).toEqual([403, 0]);
  });
});

describe.each(PROTOCOLS)("a permission that is withdrawn over %s", (protocol) => {
  // SPEC 134
  it("ends stream and poll, and the next request is judged anew", async () => {
    const rights = new Set(["ann"]);
    const purposes: string[] = [];
    const hub = createHub({
      epoch: "epoch0",
      authorize({ purpose, bearer = "" }) {
        purposes.push(purpose);
        return rights.has(bearer) ? { user: bearer } : new Response(null, { status: 401 });
      },
    });
    onCleanUp(() => hub.close({ spreadMs: 0 }));
    const send = await serveOver(protocol, hub);
    const headers = { authorization: "Bearer ann" };
    const stream = await send({ headers }).reply;
    await vi.waitFor(() => expect(stream.seen()).toContain("sse.hello"));
    const pollHeaders = { ...headers, accept: "application/json", "last-event-id": "epoch0.0" };
    const poll = send({ headers: pollHeaders }).reply;
    await vi.waitFor(() => expect(purposes).toEqual(["stream", "poll"]));
    rights.clear();
    let count = 0;
    await vi.waitFor(() => {
      count += hub.disconnect({ user: "ann" });
      expect(count).toBe(2);
    });
    await stream.text;
    expect(stream.parse().events.at(-1)).toMatchObject({ event: "sse.bye", json: { reason: "expired" } });
    expect(JSON.parse(await (await poll).text)).toMatchObject({ events: [], retryMs: 0 });
    expect((await send({ headers }).reply).status).toBe(401);
    expect((await send({ headers: pollHeaders }).reply).status).toBe(401);
  });
});
