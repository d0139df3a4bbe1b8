import { describe, expect, test } from "vitest";
import { createSSEClient, defineChannels, iterate, type Overflow, type SSEMessage, type } from "../src/index.ts";
import { createFakeServer } from "../src/testing/index.ts";

interface Price {
  readonly symbol: string;
  readonly value: number;
}

const channels = defineChannels({
  prices: { ...type<Price>(), key: (price: Price) => price.symbol },
  plain: type<number>(),
});
const price = (symbol: string, value: number): Price => ({ symbol, value });

function createStory() {
  const server = createFakeServer();
  const client = createSSEClient({ url: "http://host.test/events", channels, environment: server.environment });
  return { server, client, plain: client.channel("plain"), prices: client.channel("prices") };
}

/** What a loop over all that waits gets. */
async function takeAll<T>(iterator: AsyncIterableIterator<SSEMessage<T>>): Promise<T[]> {
  const taken: T[] = [];
  for await (const { data } of iterator) taken.push(data);
  return taken;
}

// SPEC 80
describe("a loop over a channel", () => {
  test("gets every message, those that came before its first turn included, and subscribes until it is left", async () => {
    const { server, client, plain } = createStory();
    const iterator = iterate(plain);
    await server.settle();
    await server.publish("plain", 1);
    await server.publish("plain", 2);
    const taken: number[] = [];
    for await (const { data } of iterator) {
      taken.push(data);
      if (data === 2) break;
    }
    expect(taken).toEqual([1, 2]);
    await server.advance(1_100);
    expect(client.status.get().status).toBe("idle");
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test("that throws ends as one that is left", async () => {
    const { server, client, plain } = createStory();
    const iterator = iterate(plain);
    await server.settle();
    await server.publish("plain", 1);
    const loop = async () => {
      for await (const { data } of iterator) throw new Error(`${data}`);
    };
    await expect(loop()).rejects.toThrow("1");
    await server.advance(1_100);
    expect(client.status.get().status).toBe("idle");
  });

  test("that is slower than the stream keeps the newest of its limit", async () => {
    const { server, plain } = createStory();
    const controller = new AbortController();
    const iterator = iterate(plain, { limit: 3, signal: controller.signal });
    await server.settle();
    for (let n = 1; n <= 10; n++) await server.publish("plain", n);
    controller.abort();
    expect(await takeAll(iterator)).toEqual([8, 9, 10]);
  });

  test("holds 1,000 messages if not told otherwise", async () => {
    const { server, plain } = createStory();
    const controller = new AbortController();
    const iterator = iterate(plain, { signal: controller.signal });
    await server.settle();
    for (let n = 1; n <= 1_005; n++) void server.publish("plain", n);
    await server.settle();
    controller.abort();
    const taken = await takeAll(iterator);
    expect([taken.length, taken[0]]).toEqual([1_000, 6]);
  });

  test.each<[Overflow | undefined, Price[]]>([
    [undefined, [price("A", 3), price("B", 4)]],
    ["drop-oldest", [price("A", 3), price("B", 4)]],
    ["drop-newest", [price("A", 1), price("B", 2)]],
    ["coalesce", [price("A", 3), price("B", 4)]],
  ])("gives way as told: %s", async (overflow, expected) => {
    const { server, prices } = createStory();
    const controller = new AbortController();
    const iterator = iterate(prices, { limit: 2, ...(overflow && { overflow }), signal: controller.signal });
    await server.settle();
    for (const each of [price("A", 1), price("B", 2), price("A", 3), price("B", 4)])
      await server.publish("prices", each);
    controller.abort();
    expect(await takeAll(iterator)).toEqual(expected);
  });

  test("coalescing without a key drops the oldest", async () => {
    const { server, plain } = createStory();
    const controller = new AbortController();
    const iterator = iterate(plain, { limit: 2, overflow: "coalesce", signal: controller.signal });
    await server.settle();
    for (const n of [1, 2, 3]) await server.publish("plain", n);
    controller.abort();
    expect(await takeAll(iterator)).toEqual([2, 3]);
  });

  test("coalescing keeps one per key although there is room, where the newest came", async () => {
    const { server, prices } = createStory();
    const controller = new AbortController();
    const iterator = iterate(prices, { limit: 10, overflow: "coalesce", signal: controller.signal });
    await server.settle();
    for (const each of [price("A", 1), price("B", 2), price("A", 3)]) await server.publish("prices", each);
    controller.abort();
    expect(await takeAll(iterator)).toEqual([price("B", 2), price("A", 3)]);
  });

  test("that holds nothing gets what comes while it waits", async () => {
    const { server, plain } = createStory();
    const iterator = iterate(plain, { limit: 0 });
    await server.settle();
    await server.publish("plain", 1);
    const next = iterator.next();
    await server.publish("plain", 2);
    expect((await next).value?.data).toBe(2);
  });
});

// SPEC 80
describe("calls of next", () => {
  test("may be several at once: each gets its own message, in order", async () => {
    const { server, plain } = createStory();
    const iterator = iterate(plain);
    const calls = [iterator.next(), iterator.next(), iterator.next()];
    await server.settle();
    for (const n of [1, 2]) await server.publish("plain", n);
    expect((await calls[0])?.value?.data).toBe(1);
    expect((await calls[1])?.value?.data).toBe(2);
    await iterator.return?.();
    expect(await calls[2]).toEqual({ done: true, value: undefined });
  });

  test("after return end at once; what waited is gone; a second return does nothing", async () => {
    const { server, client, plain } = createStory();
    const iterator = iterate(plain);
    const other = iterate(plain);
    await server.settle();
    await server.publish("plain", 1);
    for (let round = 0; round < 2; round++) expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await server.advance(1_100);
    expect(client.status.get().status).toBe("open");
    expect((await other.next()).value?.data).toBe(1);
  });
});

// SPEC 81
describe("a signal", () => {
  test("that has been aborted makes no request and listens to nothing", async () => {
    const { server, client, plain } = createStory();
    const iterator = iterate(plain, { signal: AbortSignal.abort() });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await server.advance(2_000);
    expect(server.requests).toEqual([]);
    expect(client.status.get().status).toBe("idle");
  });

  test("ends a loop that waits", async () => {
    const { server, plain } = createStory();
    const controller = new AbortController();
    const taken = takeAll(iterate(plain, { signal: controller.signal }));
    await server.settle();
    await server.publish("plain", 1);
    controller.abort();
    expect(await taken).toEqual([1]);
  });

  test("aborted after the loop was left does nothing", async () => {
    const { server, client, plain } = createStory();
    const controller = new AbortController();
    const iterator = iterate(plain, { signal: controller.signal });
    client.retain();
    await server.settle();
    await iterator.return?.();
    controller.abort();
    await server.publish("plain", 1);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test("keeps nothing of 10,000 loops that were left", async () => {
    const { plain } = createStory();
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...parameters: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, parameters);
    };
    signal.removeEventListener = (...parameters: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, parameters);
    };
    for (let round = 0; round < 10_000; round++) await iterate(plain, { signal }).return?.();
    expect(listeners).toBe(0);
  });
});

// SPEC 82
test("options that cannot work are refused", () => {
  const { server, plain } = createStory();
  for (const limit of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "5" as never])
    expect(() => iterate(plain, { limit })).toThrow(expect.objectContaining({ code: "invalid-option" }));
  expect(server.requests).toEqual([]);
});
