import { createFakeEnvironment } from "test-kit/fake-environment";
import { describe, expect, test, vi } from "vitest";
import { defineChannels, type } from "../src/index.ts";
import { createQueue } from "../src/queue/queue.ts";
import { createTestClient, frame } from "./support/test-client.ts";
import { createTestQueue } from "./support/test-queue.ts";

// SPEC 102
describe("while held", () => {
  test.each([
    ["offline", { offline: true }, { offline: false }],
    ["paused", { pausedBy: ["user"] }, { pausedBy: [] }],
  ])(
    "by a connection that is %s, messages are collected and worked on as soon as it is back",
    async (_, away, back) => {
      const { queue, calls, send, connection, counts } = createTestQueue();
      connection(away);
      send("a", "b");
      expect(calls).toHaveLength(0);
      expect(counts()).toMatchObject({ unprocessed: 2 });
      expect(queue.state.get().isHeld).toBe(true);
      connection(back);
      await calls[0]?.succeed();
      expect(calls.map(({ data }) => data)).toEqual(["a", "b"]);
      expect(counts()).toMatchObject({ processed: 1, unprocessed: 1 });
      expect(queue.state.get().isHeld).toBe(false);
    },
  );

  test("what is under way goes on, and nothing follows it", async () => {
    const { calls, send, connection, counts } = createTestQueue();
    send("a", "b");
    connection({ offline: true });
    await calls[0]?.succeed();
    expect(calls).toHaveLength(1);
    expect(counts()).toMatchObject({ processed: 1, unprocessed: 1 });
  });

  test("a retry that falls due needs no timer and comes first afterwards", async () => {
    const { calls, send, connection, environment } = createTestQueue({ retries: 1 });
    send("a", "b");
    await calls[0]?.fail("x");
    connection({ offline: true });
    expect(environment.clock.pending).toBe(0);
    environment.clock.advance(5_000);
    expect(calls).toHaveLength(1);
    connection({ offline: false });
    expect(calls[1]).toMatchObject({ data: "a", attempt: 2 });
  });

  test("retryFailed puts back and starts nothing", async () => {
    const { queue, calls, send, list } = createTestQueue();
    send("a");
    await calls[0]?.fail("x");
    queue.pause();
    expect(queue.retryFailed()).toBe(1);
    expect(list("waiting")).toEqual(["a"]);
    queue.resume();
    expect(calls).toHaveLength(2);
  });

  test("by pause() it stays so until resume(), whatever the connection does", () => {
    const { queue, calls, send, connection } = createTestQueue();
    queue.pause();
    send("a");
    connection({ offline: true });
    queue.resume();
    connection({ offline: false, pausedBy: ["hidden"] });
    expect(calls).toHaveLength(0);
    connection({ pausedBy: [] });
    expect(calls).toHaveLength(1);
  });

  test("the limit holds: the rest is dropped", () => {
    const { queue, send, list, counts } = createTestQueue({ limit: 3 });
    queue.pause();
    send("a", "b", "c", "d", "e");
    expect(list("waiting")).toEqual(["c", "d", "e"]);
    expect(counts()).toMatchObject({ unprocessed: 3, dropped: 2 });
  });
});

// SPEC 102
describe("holdWhile", () => {
  test("holds besides, by the connection's state and by the page being hidden", () => {
    const { calls, send, connection, environment } = createTestQueue({
      concurrency: 9,
      holdWhile: ({ state, isHidden }) => isHidden || state.status !== "open",
    });
    environment.setHidden(true);
    send("a");
    expect(calls).toHaveLength(0);
    environment.setHidden(false);
    expect(calls).toHaveLength(1);
    connection({ status: "reconnecting" });
    send("b");
    connection({ status: "open", offline: true });
    expect(calls).toHaveLength(1);
    connection({ offline: false });
    expect(calls).toHaveLength(2);
  });

  test("is asked before every start, so that it can stop a burst", () => {
    let quota = 2;
    const { send, counts } = createTestQueue({ holdWhile: () => quota === 0 }, { handler: () => void quota-- });
    send("a", "b", "c");
    expect(counts()).toMatchObject({ processed: 2, unprocessed: 1 });
  });

  test("that throws holds, and is reported", () => {
    const reportError = vi.fn();
    vi.stubGlobal("reportError", reportError);
    const { calls, send } = createTestQueue({
      holdWhile() {
        throw new Error("hold");
      },
    });
    send("a");
    expect(calls).toHaveLength(0);
    expect(reportError).toHaveBeenCalledWith(new Error("hold"));
    vi.unstubAllGlobals();
  });

  test.each([true, false])("that closes the queue and returns %s ends it", (answer) => {
    let close = () => {};
    const { queue, calls, send, counts, environment } = createTestQueue({
      holdWhile() {
        close();
        return answer;
      },
    });
    close = queue.close;
    send("a");
    expect(calls).toHaveLength(0);
    expect(counts()).toMatchObject({ unprocessed: 1 });
    expect(queue.state.get().isHeld).toBe(false);
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });

  test("null works on while offline and paused, but not while paused itself", () => {
    const { queue, calls, send, connection, environment } = createTestQueue({ holdWhile: null, concurrency: 9 });
    connection({ offline: true, pausedBy: ["user"] });
    send("a");
    expect(calls).toHaveLength(1);
    queue.pause();
    send("b");
    expect(calls).toHaveLength(1);
    expect(environment.leaks().listeners).toBe(0);
  });
});

describe("with a client", () => {
  const channels = defineChannels({ orders: type<number>() });

  test("it keeps the connection open, and lets it go when closed", async () => {
    const { client, environment, open, settle, harness } = createTestClient({ channels });
    const done: number[] = [];
    const queue = createQueue(client.channel("orders"), async ({ data }) => void done.push(data), { environment });
    (await open()).push(frame("orders", 1, "1") + frame("orders", 2, "2"));
    await settle();
    expect(done).toEqual([1, 2]);
    queue.close();
    await environment.clock.advanceAsync(1_000);
    await settle();
    expect(client.status.get().status).toBe("idle");
    expect(harness.openStreams).toBe(0);
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });

  test("what came before the network went waits for it, and so does what a pause cut off", async () => {
    const { client, environment, open, settle } = createTestClient({ channels });
    const done: number[] = [];
    const queue = createQueue(client.channel("orders"), ({ data }) => void done.push(data), { environment });
    const request = await open();
    environment.emitPageEvent("offline");
    request.push(frame("orders", 1, "1"));
    await settle();
    expect(done).toEqual([]);
    expect(queue.state.get()).toMatchObject({ unprocessed: 1, isHeld: true });
    environment.emitPageEvent("online");
    expect(done).toEqual([1]);
    client.pause();
    await settle();
    expect(queue.state.get()).toMatchObject({ processed: 1, isHeld: true });
    client.resume();
    const next = await open();
    expect(next.headers.get("last-event-id")).toBe("1");
    next.push(frame("orders", 2, "2"));
    await settle();
    expect(done).toEqual([1, 2]);
    queue.close();
    client.close();
  });

  test("a handler that closes the client leaves what came with its message to the queue's next life", async () => {
    const { client, environment, open, settle } = createTestClient({ channels });
    const done: number[] = [];
    const handler = ({ data }: { data: number }) => {
      done.push(data);
      if (data === 1) client.close();
    };
    const queue = createQueue(client.channel("orders"), handler, { environment });
    (await open()).push(frame("orders", 1, "1") + frame("orders", 2, "2"));
    await settle();
    expect(done).toEqual([1]);
    client.connect();
    const next = await open();
    expect(next.headers.get("last-event-id")).toBe("1");
    next.push(frame("orders", 2, "2"));
    await settle();
    expect(done).toEqual([1, 2]);
    queue.close();
    client.close();
  });

  test("on a server it opens nothing and leaves nothing", () => {
    const environment = createFakeEnvironment({ isServer: true });
    const { client, harness } = createTestClient({ channels, environment });
    createQueue(client.channel("orders"), () => {}, { environment });
    expect(harness.requests).toHaveLength(0);
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });
});
