import { afterEach, describe, expect, test, vi } from "vitest";
import { type ClientOptions, createSSEClient, type LifecycleEvents, type StandardSchema } from "../src/index.ts";
import { createFakeServer, type FakeServerOptions } from "../src/testing/index.ts";

const refuseAll: StandardSchema<unknown> = {
  "~standard": { version: 1, vendor: "test", validate: () => ({ issues: [{ message: "no" }] }) },
};
const types = ["connected", "disconnected", "reconnecting", "error", "message"] as const;

function createStory(serverOptions: FakeServerOptions = {}, options: Partial<ClientOptions> = {}) {
  const server = createFakeServer(serverOptions);
  const client = createSSEClient({ url: "/events", environment: server.environment, ...options });
  const told: unknown[] = [];
  const describe = {
    connected: ({ status }) => status,
    disconnected: ({ status, reason, cause }) => [status, reason, cause?.code ?? null],
    reconnecting: ({ attempt, cause }) => [attempt, cause?.code],
    error: ({ code }) => code,
    message: ({ channel, data }) => [channel, data],
  } satisfies { [Type in keyof LifecycleEvents]: (event: LifecycleEvents[Type]) => unknown };
  for (const type of types)
    client.on(type, (event) => told.push([type, (describe[type] as (event: unknown) => unknown)(event)]));
  return {
    server,
    client,
    /** What was told since the last call. */
    told: () => told.splice(0),
  };
}

afterEach(() => vi.unstubAllGlobals());

// SPEC 87
describe("what happens to a client is told at once and in order", () => {
  test("while it works", async () => {
    const { server, client, told } = createStory();
    await server.advance(1_000);
    expect(server.requests).toEqual([]);
    const leave = client.retain();
    await server.settle();
    await server.publish("a", 1);
    await server.publish("b", 2);
    leave();
    await server.advance(1_100);
    expect(told()).toEqual([
      ["connected", "open"],
      ["message", ["a", 1]],
      ["message", ["b", 2]],
      ["disconnected", ["idle", null, null]],
    ]);
  });

  test("when the stream breaks and comes back", async () => {
    const { server, client, told } = createStory();
    client.retain();
    await server.settle();
    told();
    await server.drop();
    expect(told()).toEqual([
      ["disconnected", ["reconnecting", null, "network"]],
      ["reconnecting", [1, "network"]],
      ["error", "network"],
    ]);
    await server.advance(10_000);
    expect(told()).toEqual([["connected", "open"]]);
  });

  test("when a first attempt fails, and another one", async () => {
    const authorize = vi.fn().mockReturnValueOnce(503).mockReturnValueOnce(503).mockReturnValue(200);
    const { server, client, told } = createStory({ authorize });
    client.retain();
    await server.advance(60_000);
    expect(told()).toEqual([
      ["reconnecting", [1, "http"]],
      ["error", "http"],
      ["reconnecting", [2, "http"]],
      ["error", "http"],
      ["connected", "open"],
    ]);
  });

  test("when the server says goodbye, which is no error", async () => {
    const { server, client, told } = createStory();
    client.retain();
    await server.settle();
    told();
    await server.bye("max-age");
    expect(told()).toEqual([
      ["disconnected", ["reconnecting", null, "bye"]],
      ["reconnecting", [expect.any(Number), "bye"]],
    ]);
  });

  test("when it ends for good, connected before or not", async () => {
    const authorize = vi.fn().mockReturnValueOnce(404).mockReturnValue(200);
    const { server, client, told } = createStory({ authorize });
    client.retain();
    await server.settle();
    expect(told()).toEqual([
      ["disconnected", ["closed", "error", "http"]],
      ["error", "http"],
    ]);
    client.connect();
    await server.settle();
    client.disconnect();
    client.disconnect();
    expect(told()).toEqual([
      ["connected", "open"],
      ["disconnected", ["closed", "user", null]],
    ]);
  });

  test("when it is paused and goes on", async () => {
    const { server, client, told } = createStory();
    client.retain();
    await server.settle();
    client.pause("busy");
    client.resume("busy");
    await server.settle();
    expect(told()).toEqual([
      ["connected", "open"],
      ["disconnected", ["paused", null, null]],
      ["connected", "open"],
    ]);
  });

  test("with a message that cannot be decoded", async () => {
    const { server, client, told } = createStory({}, { channels: { a: { schema: refuseAll } } });
    client.retain();
    await server.settle();
    told();
    await server.publish("a", 1);
    expect(told()).toEqual([["error", "decode"]]);
  });
});

// SPEC 88
describe("a listener", () => {
  test("that throws is reported and stops neither the others nor the stream", async () => {
    const reportError = vi.fn();
    vi.stubGlobal("reportError", reportError);
    const { server, client } = createStory();
    const heard: unknown[] = [];
    for (const type of types)
      client.on(type, () => {
        throw new Error(type);
      });
    client.on("message", ({ data }) => heard.push(data));
    client.channel("a").on(({ data }) => heard.push(data));
    await server.settle();
    await server.publish("a", 1);
    await server.drop();
    await server.advance(10_000);
    await server.publish("a", 2);
    expect(heard).toEqual([1, 1, 2, 2]);
    expect(reportError.mock.calls.map(([error]) => error.message)).toEqual([
      "connected",
      "message",
      "disconnected",
      "reconnecting",
      "error",
      "connected",
      "message",
    ]);
  });

  test("that has been taken away hears nothing; one given twice hears twice", async () => {
    const { server, client } = createStory();
    const heard = vi.fn();
    const ends = [client.on("message", heard), client.on("message", heard)];
    client.retain();
    await server.settle();
    await server.publish("a", 1);
    expect(heard).toHaveBeenCalledTimes(2);
    ends[0]?.();
    ends[0]?.();
    await server.publish("a", 2);
    expect(heard).toHaveBeenCalledTimes(3);
  });

  test("that closes the client is told of that, and of no next try", async () => {
    const { server, client, told } = createStory();
    client.retain();
    client.on("disconnected", ({ status }) => status === "reconnecting" && client.disconnect());
    await server.settle();
    told();
    await server.drop();
    await server.advance(60_000);
    expect(told().filter((event) => (event as string[])[0] !== "error")).toEqual([
      ["disconnected", ["reconnecting", null, "network"]],
      ["disconnected", ["closed", "user", null]],
    ]);
    expect(server.leaks()).toEqual({ timers: 0, listeners: 0, flushes: 0, streams: 0 });
  });
});
