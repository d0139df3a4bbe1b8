import { afterEach, describe, expect, test, vi } from "vitest";
import { createSSEClient, defineChannels, type Retain, type } from "../src/index.ts";
import { createFakeServer } from "../src/testing/index.ts";

interface Price {
  readonly symbol: string;
  readonly value: number;
}

const channels = defineChannels({ prices: { ...type<Price>(), key: (price: Price) => price.symbol }, plain: {} });
const price = (symbol: string, value: number): Price => ({ symbol, value });

function createStory(retain?: number | Retain) {
  const server = createFakeServer();
  const client = createSSEClient({
    url: "http://host.test/events",
    channels,
    environment: server.environment,
    ...(retain !== undefined && { retain: { prices: retain } }),
  });
  client.retain();
  const show = () => {
    const { history, dropped } = client.channel("prices").view.get();
    return [history.map(({ data }) => `${data.symbol}${data.value}`).join(), dropped];
  };
  return { server, client, show };
}

const list = [price("A", 1), price("B", 2), price("A", 3), price("C", 4), price("A", 5)];

afterEach(() => vi.unstubAllGlobals());

// SPEC 84
describe("a channel's history", () => {
  test.each<[string, number | Retain, string, number]>([
    ["drops the oldest", 2, "C4,A5", 3],
    ["drops the oldest, also if it says so", { limit: 2 }, "C4,A5", 3],
    ["drops the newest", { limit: 2, overflow: "drop-newest" }, "A1,B2", 3],
    ["keeps the newest per key", { limit: 5, overflow: "coalesce" }, "B2,C4,A5", 2],
    ["keeps the newest per key, and drops the oldest for want of room", { limit: 2, overflow: "coalesce" }, "C4,A5", 3],
    ["keeps nothing", 0, "", 5],
    ["keeps nothing, whatever it is told", { limit: 0, overflow: "drop-newest" }, "", 5],
    ["keeps nothing by key", { limit: 0, overflow: "coalesce" }, "", 5],
    ["keeps all that it has room for", { limit: 5 }, "A1,B2,A3,C4,A5", 0],
  ])("%s", async (_, retain, kept, dropped) => {
    const { server, show } = createStory(retain);
    await server.settle();
    for (const each of list) void server.publish("prices", each);
    await server.settle();
    expect(show()).toEqual([kept, dropped]);
  });

  test("says what it has dropped as it goes on, and is not changed once it was shown", async () => {
    const { server, client, show } = createStory({ limit: 2 });
    await server.settle();
    for (const each of list.slice(0, 3)) await server.publish("prices", each);
    const before = client.channel("prices").history.get();
    expect(show()).toEqual(["B2,A3", 1]);
    await server.publish("prices", price("D", 9));
    expect(show()).toEqual(["A3,D9", 2]);
    expect(before.map(({ data }) => data.value)).toEqual([2, 3]);
  });

  test("holds 100 if not told otherwise", async () => {
    const { server, client } = createStory();
    await server.settle();
    for (let n = 0; n < 103; n++) void server.publish("prices", price("A", n));
    await server.settle();
    const { history, dropped } = client.channel("prices").view.get();
    expect([history.length, history[0]?.data.value, dropped]).toEqual([100, 3, 3]);
  });

  test("does not depend on what the latest message and the state by key are", async () => {
    const { server, client } = createStory({ limit: 1, overflow: "drop-newest" });
    await server.settle();
    for (const each of list) await server.publish("prices", each);
    expect(client.channel("prices").latest.get()?.data).toEqual(price("A", 5));
    expect([...client.channel("prices").state.get().values()]).toEqual([price("A", 5), price("B", 2), price("C", 4)]);
  });

  test("a key that throws while coalescing is reported, and the message is still the latest", async () => {
    const reportError = vi.fn();
    vi.stubGlobal("reportError", reportError);
    const server = createFakeServer();
    const client = createSSEClient({
      url: "/events",
      environment: server.environment,
      channels: defineChannels({
        a: {
          ...type<number>(),
          key() {
            throw new Error("key");
          },
        },
      }),
      retain: { a: { limit: 2, overflow: "coalesce" } },
    });
    client.retain();
    await server.settle();
    await server.publish("a", 1);
    expect(reportError).toHaveBeenCalledWith(new Error("key"));
    expect(client.channel("a").latest.get()?.data).toBe(1);
  });
});

// SPEC 82
test.each<[string, object]>([
  ["retain.prices.limit", { prices: { limit: -1 } }],
  ["retain.prices.limit", { prices: { limit: "5" } }],
  ["retain.prices.overflow", { prices: { limit: 5, overflow: "drop-all" } }],
  ["retain.prices.overflow", { prices: { limit: 5, overflow: null } }],
  ["retain.prices.limits", { prices: { limit: 5, limits: 5 } }],
  ["retain.prices", { prices: -1 }],
  ["retain.price", { price: 5 }],
])("%s is refused for %j", (option, retain) => {
  expect(() => createSSEClient({ url: "/events", channels, retain: retain as never })).toThrow(
    expect.objectContaining({ code: "invalid-option", option }),
  );
});
