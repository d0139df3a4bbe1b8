import { describe, expect, it, vi } from "vitest";
import type { HubOptions } from "../src/index.ts";
import { createFakeResponse } from "./support/fake-response.ts";
import { START_DATE } from "./support/manual-environment.ts";
import { change, connect, createTestHub, settle } from "./support/test-hub.ts";

function watched(options: HubOptions = {}) {
  const onConnect = vi.fn();
  const onDisconnect = vi.fn();
  const onError = vi.fn();
  return { ...createTestHub({ onConnect, onDisconnect, onError, ...options }), onConnect, onDisconnect, onError };
}

describe("facts about connections", () => {
  // SPEC 73
  it("are what each stream of a user is", () => {
    const { hub, environment } = watched();
    const first = connect(hub, "?channels=b,a", undefined, { user: "u", ip: "192.0.2.1" });
    environment.advance(1_000);
    const second = connect(hub, "", undefined, { user: "u" });
    connect(hub);
    change(hub, { conn: first.conn(), subscribe: ["c"] }, { user: "u" });
    expect(hub.connectionsOf("u")).toEqual([
      { id: first.conn(), user: "u", ip: "192.0.2.1", channels: ["a", "b", "c"], connectedAt: START_DATE },
      { id: second.conn(), user: "u", ip: undefined, channels: ["**"], connectedAt: START_DATE + 1_000 },
    ]);
    expect(hub.connectionsOf("v")).toEqual([]);
    expect(hub.stats()).toMatchObject({ connections: 3, users: 1 });
  });

  // SPEC 73
  it.each<
    [string, HubOptions, (world: ReturnType<typeof watched>, res: ReturnType<typeof createFakeResponse>) => void]
  >([
    ["client", {}, (_, res) => res.leave()],
    [
      "slow",
      {},
      ({ hub, environment }, res) => {
        res.stalled = true;
        void hub.publish("a", 1);
        environment.advance(40_000);
      },
    ],
    [
      "write-failed",
      {},
      ({ hub, environment }, res) => {
        res.write = () => {
          throw new Error("gone");
        };
        void hub.publish("a", 1);
        environment.endTick();
      },
    ],
    ["shutdown", {}, ({ hub }) => void hub.close({ spreadMs: 0 })],
    [
      "shutdown",
      {},
      ({ hub, environment }, res) => {
        res.stalled = true;
        void hub.close({ spreadMs: 0, timeoutMs: 100 });
        environment.advance(100);
      },
    ],
    [
      "expired",
      {},
      ({ environment }, res) => {
        res.stalled = true;
        environment.advance(60_000);
        expect(res.destroyed).toBe(true);
      },
    ],
  ])("are told when a stream comes and goes: %s", (reason, options, end) => {
    const world = watched(options);
    const { hub, onConnect, onDisconnect } = world;
    const res = createFakeResponse();
    const expiresAt = reason === "expired" ? START_DATE + 500 : undefined;
    const stream = connect(hub, "?channels=a", undefined, { user: "u", expiresAt }, res);
    const info = { id: stream.conn(), user: "u", ip: undefined, channels: ["a"], connectedAt: START_DATE };
    expect(onConnect.mock.calls).toEqual([[info]]);
    expect(onDisconnect).not.toHaveBeenCalled();
    end(world, res);
    expect(onDisconnect.mock.calls).toEqual([[info, reason]]);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 73
  it("are told of no stream that was turned away, or gone at its first write", async () => {
    const { hub, onConnect, onDisconnect } = watched({ limits: { total: 1 } });
    const res = createFakeResponse();
    res.write = () => {
      throw new Error("gone");
    };
    connect(hub, "", undefined, {}, res);
    expect(onConnect).not.toHaveBeenCalled();
    connect(hub);
    connect(hub);
    await hub.close({ spreadMs: 0 });
    connect(hub);
    expect([onConnect.mock.calls.length, onDisconnect.mock.calls.length]).toEqual([1, 1]);
  });

  // SPEC 73, 74
  it.each([
    [
      "throw",
      () => {
        throw new Error("hook");
      },
    ],
    ["reject", () => Promise.reject(new Error("hook"))],
  ])("may be told to hooks that %s", async (_, hook) => {
    const { hub, environment, onError } = watched({ onConnect: hook, onDisconnect: hook });
    const stream = connect(hub);
    void hub.publish("a", 1);
    environment.endTick();
    expect(stream.received()).toHaveLength(1);
    stream.res.leave();
    await settle();
    expect(onError.mock.calls).toEqual([[new Error("hook")], [new Error("hook")]]);
    expect([hub.connectionCount, environment.pending]).toEqual([0, 0]);
  });

  // SPEC 73
  it("may be told to hooks that use the hub", async () => {
    const { hub, environment } = watched({
      onConnect: ({ id }) => {
        void hub.publish("a", id);
        connectAnother?.();
      },
      onDisconnect: () => void hub.publish("a", "gone"),
    });
    let connectAnother: (() => void) | undefined = () => {
      connectAnother = undefined;
      connect(hub).res.leave();
    };
    const stream = connect(hub, "?channels=a");
    environment.endTick();
    expect(stream.received().map(({ json }) => json)).toEqual(["conn-1", "conn-2", "gone"]);
  });

  // SPEC 35, 73
  it("may be told to a hook that closes the hub, which is closed once", async () => {
    const promises: unknown[] = [];
    const { hub, environment, onDisconnect } = watched();
    onDisconnect.mockImplementation(() => promises.push(hub.close({ spreadMs: 5_000 })));
    for (let index = 0; index < 3; index++) connect(hub);
    const closing = hub.close({ spreadMs: 0 });
    expect(promises.map((promise) => promise === closing)).toEqual([true, true, true]);
    expect(await closing).toEqual({ ended: 3, destroyed: 0 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 74
  it("go to the console where there is no onError, and where that fails", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const hook = () => {
      throw new Error("hook");
    };
    connect(createTestHub({ onConnect: hook }).hub);
    expect(log.mock.calls).toEqual([[new Error("hook")]]);
    log.mockClear();
    for (const onError of [() => Promise.reject(new Error("second")), hook]) {
      connect(createTestHub({ onConnect: hook, onError }).hub);
      await settle();
    }
    expect(log.mock.calls).toEqual([[new Error("second")], [new Error("hook")]]);
    log.mockRestore();
  });
});
