import { afterEach, describe, expect, test, vi } from "vitest";
import { createSSEClient, defineChannels, reduce, type } from "../src/index.ts";
import { createFakeServer } from "../src/testing/index.ts";
import { createTestClient, frame } from "./support/test-client.ts";

const channels = defineChannels({ orders: type<number>() });

function createStory() {
  const server = createFakeServer();
  const client = createSSEClient({ url: "http://host.test/events", channels, environment: server.environment });
  return { server, client, orders: client.channel("orders") };
}

/** Frames are drawn by hand here. */
async function createFrames() {
  const { client, environment, open, settle } = createTestClient({ channels });
  client.retain();
  const stream = await open();
  return {
    orders: client.channel("orders"),
    async publish(...list: readonly number[]) {
      stream.push(list.map((data) => frame("orders", data)).join(""));
      await environment.clock.advanceAsync(0);
    },
    draw: environment.flush,
    settle,
  };
}

afterEach(() => vi.unstubAllGlobals());

// SPEC 83
describe("what a channel is reduced to", () => {
  test("is folded once per message and changes once per frame", async () => {
    const { orders, publish, draw } = await createFrames();
    const fold = vi.fn((sum: number, { data }: { data: number }) => sum + data);
    const total = reduce(orders, fold, 0);
    const onChange = vi.fn();
    total.subscribe(onChange);
    await publish(1, 2, 3);
    expect(total.get()).toBe(0);
    draw();
    expect(total.get()).toBe(6);
    expect(onChange).toHaveBeenCalledOnce();
    expect(fold).toHaveBeenCalledTimes(3);
  });

  test("keeps its reference until it changes, and tells nobody of a message that does not change it", async () => {
    const { server, orders } = createStory();
    const even = reduce(orders, (list: readonly number[], { data }) => (data % 2 ? list : [...list, data]), []);
    const onChange = vi.fn();
    even.subscribe(onChange);
    await server.settle();
    await server.publish("orders", 2);
    const before = even.get();
    await server.publish("orders", 3);
    expect(even.get()).toBe(before);
    expect(onChange).toHaveBeenCalledOnce();
  });

  test("is folded once for several subscribers, each of whom hears of it", async () => {
    const { server, orders } = createStory();
    const fold = vi.fn((count: number) => count + 1);
    const count = reduce(orders, fold, 0);
    const listeners = [vi.fn(), vi.fn()];
    const [leave] = listeners.map((listener) => count.subscribe(listener));
    await server.settle();
    await server.publish("orders", 1);
    leave?.();
    leave?.();
    await server.publish("orders", 1);
    expect(fold).toHaveBeenCalledTimes(2);
    expect(listeners.map((listener) => listener.mock.calls.length)).toEqual([1, 2]);
  });

  test("stays as it was while nobody subscribes; the connection ends with the last one", async () => {
    const { server, client, orders } = createStory();
    const count = reduce(orders, (sum: number) => sum + 1, 0);
    await server.advance(2_000);
    expect(server.requests).toEqual([]);
    const leave = count.subscribe(() => {});
    await server.settle();
    await server.publish("orders", 1);
    leave();
    client.retain();
    await server.publish("orders", 2);
    expect(count.get()).toBe(1);
    count.subscribe(() => {});
    await server.publish("orders", 3);
    expect(count.get()).toBe(2);
  });

  test("has what came in the frame in which the last one left", async () => {
    const { orders, publish, draw } = await createFrames();
    const count = reduce(orders, (sum: number) => sum + 1, 0);
    const leave = count.subscribe(() => {});
    await publish(1, 2);
    leave();
    draw();
    expect(count.get()).toBe(2);
  });

  test("is not changed by a message whose fold throws, which is reported", async () => {
    const reportError = vi.fn();
    vi.stubGlobal("reportError", reportError);
    const { orders, publish, settle } = await createFrames();
    const sum = reduce(
      orders,
      (value: number, { data }) => {
        if (data === 13) throw new Error("unlucky");
        return value + data;
      },
      0,
    );
    sum.subscribe(() => {});
    await publish(1, 13, 2);
    await settle();
    expect(sum.get()).toBe(3);
    expect(reportError).toHaveBeenCalledExactlyOnceWith(new Error("unlucky"));
  });

  test("is on a server what it begins with", () => {
    const server = createFakeServer({ isServer: true });
    const client = createSSEClient({ url: "/events", channels, environment: server.environment });
    const count = reduce(client.channel("orders"), (sum: number) => sum + 1, 7);
    count.subscribe(() => {});
    expect([count.get(), count.getServer()]).toEqual([7, 7]);
    expect(server.requests).toEqual([]);
  });
});
