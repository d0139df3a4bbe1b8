import { describe, expect, it } from "vitest";
import { OptionError } from "../src/errors.ts";
import { createHub, type HubOptions } from "../src/index.ts";
import { createFakeResponse, streamRequest } from "./support/fake-response.ts";

describe("options", () => {
  // SPEC 37
  it.each<[string, unknown]>([
    ["heartbeat", { heartbeat: 1 }],
    ["heartbeatMs", { heartbeatMs: 0 }],
    ["heartbeatMs", { heartbeatMs: 2 ** 31 }],
    ["history.sise", { history: { sise: 1 } }],
    ["history.size", { history: { size: 0 } }],
    ["history.ttlMs", { history: { ttlMs: -1 } }],
    ["history.channels.a.bytes", { history: { channels: { a: { bytes: 0.5 } } } }],
    ["history.channels.b", { channels: { a: {} }, history: { channels: { b: false } } }],
    ["historyBytes", { historyBytes: 0 }],
    ["initial", { initial: "first" }],
    ["initial", { initial: 0 }],
    ["initial.b", { channels: { a: {} }, initial: { b: "last" } }],
    ["retryMs", { retryMs: [2, 1] }],
    ["retryMs", { retryMs: 1_000 }],
    ["maxEventBytes", { maxEventBytes: "1" }],
    ["replayMax", { replayMax: -1 }],
    ["batchMs", { batchMs: 101 }],
    ["slow.stallMs", { slow: { stallMs: 0 } }],
    ["slow.policies", { slow: { policies: "skip" } }],
    ["pollWaitMs", { pollWaitMs: -1 }],
    ["padding", { padding: -1 }],
    ["validate", { validate: 1 }],
    ["epoch", { epoch: "ABC" }],
    ["slow.policy", { slow: { policy: "wait" } }],
    ["slow.policy", { slow: { policy: null } }],
    ["visibleHeartbeat", { visibleHeartbeat: 15_000 }],
    ["maxConnectionMs", { maxConnectionMs: 999 }],
    ["maxConnectionMs", { maxConnectionMs: Number.POSITIVE_INFINITY }],
    ["authorize", { authorize: {} }],
    ["onError", { onError: "log" }],
    ["onConnect", { onConnect: 1 }],
    ["onDisconnect", { onDisconnect: null }],
    ["limits.perUser", { limits: { perUser: -1 } }],
    ["limits.total", { limits: { total: Number.NaN } }],
    ["limits.pending", { limits: { pending: "1000" } }],
    ["limits.perIP", { limits: { perIP: 1 } }],
    ["limits.channelsPerConnection", { limits: { channelsPerConnection: 1.5 } }],
    ["overLimit", { overLimit: "close" }],
    ["trustProxy", { trustProxy: true }],
    ["trustProxy", { trustProxy: -1 }],
  ])("names %s", (option, options) => {
    expect(() => createHub(options as HubOptions)).toThrow(OptionError);
    expect(() => createHub(options as HubOptions)).toThrow(expect.objectContaining({ option, code: "invalid-option" }));
  });

  // SPEC 37
  it("are all optional, and undefined means the default", () => {
    expect(() => createHub()).not.toThrow();
    const unset = Object.fromEntries(
      ["history", "initial", "retryMs", "slow", "padding", "epoch"].map((name) => [name, undefined]),
    );
    expect(() => createHub(unset)).not.toThrow();
  });

  // SPEC 37
  it("of a stream are checked before anything is written", async () => {
    const hub = createHub({ channels: { a: {} } });
    const res = createFakeResponse();
    const options = { chanels: ["a"] } as object;
    expect(() => hub.node(streamRequest(), res, options)).toThrow(OptionError);
    expect(() => hub.node(streamRequest(), res, { channels: ["b"] })).toThrow(
      expect.objectContaining({ code: "unknown-channel" }),
    );
    await expect(hub.fetch(new Request("http://x/"), options)).rejects.toThrow(OptionError);
    expect(res.writes).toEqual([]);
    expect(res.listeners).toBe(0);
    expect(() => hub.close({ spread: 1 } as object)).toThrow(OptionError);
  });
});
