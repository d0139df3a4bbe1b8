import { describe, expect, test } from "vitest";
import { defineChannels, dynamic, query, reduce, type StandardSchema, snapshot, type } from "../src/index.ts";
import { createLoads } from "./support/loads.ts";
import { createSubscribedClient } from "./support/subscribed-client.ts";
import { createTestClient, frame, hello } from "./support/test-client.ts";

const marked = (list: unknown[], { data, snapshot }: { data: unknown; snapshot?: boolean }) => [
  ...list,
  snapshot ? `S${data}` : data,
];

// SPEC 75
describe.each([
  ["query()", query],
  ["dynamic()", dynamic],
] as const)("with %s", (_, factory) => {
  test("what is loaded for the first subscriber is asked for once the stream carries the channel", async () => {
    const { loads, load } = createLoads();
    const { client, server, join, settle, received } = createSubscribedClient(
      factory,
      { authorize: ({ method, url }) => (method === "POST" || url.includes("b") ? slowly() : 200) },
      { snapshots: { b: snapshot(load, { onSubscribe: true }) } },
    );
    const slowly = () => new Promise<number>((resolve) => server.environment.setTimer(() => resolve(200), 500));
    join("a");
    await settle();
    join("b");
    await server.advance(400);
    expect(loads).toHaveLength(0);
    expect(client.channel("b").view.get().loading).toBe(true);
    await server.advance(200);
    expect(loads).toHaveLength(1);
    await server.publish("b", 1);
    expect(received).toEqual([]);
    loads[0]?.resolve({ data: [0] });
    await settle();
    expect(received).toEqual([
      ["b", 0],
      ["b", 1],
    ]);
    expect(client.channel("b").view.get().loading).toBe(false);
  });

  // SPEC 63
  test("a channel that this client may not have is not loaded", async () => {
    const { loads, load } = createLoads();
    const { client, server, join, settle, errors } = createSubscribedClient(
      factory,
      { authorize: () => ["a"] },
      { snapshots: { b: snapshot(load, { onSubscribe: true }) } },
    );
    join("a");
    await settle();
    join("b");
    await settle();
    await server.advance(100);
    expect(loads).toHaveLength(0);
    expect(errors.map(({ code }) => code)).toEqual(["channel-forbidden"]);
    expect(client.channel("b").view.get().error).toMatchObject({ code: "channel-forbidden" });
  });

  test("a gap of a channel nobody wants is made up for when somebody does", async () => {
    const { loads, load } = createLoads();
    const { server, join, settle, linger, gapOf, client } = createSubscribedClient(
      factory,
      { history: 1 },
      { snapshots: { b: snapshot(load) } },
    );
    join("a");
    const leave = join("b");
    await settle();
    leave();
    await linger();
    for (const data of [1, 2, 3]) await server.publish("b", data);
    await server.publish("a", 4);
    expect(loads).toHaveLength(0);
    join("b");
    await settle();
    expect(loads).toHaveLength(1);
    expect(gapOf("b")).toMatchObject({ from: "fake01.0" });
    loads[0]?.resolve({ data: [3], id: "fake01.4" });
    await settle();
    expect(gapOf("b")).toBeNull();
    expect(client.channel("b").latest.get()).toMatchObject({ data: 3, snapshot: true });
  });
});

// SPEC 75
test("what is replayed of an added channel, and is held behind a snapshot, comes once although its stream dies", async () => {
  const { loads, load } = createLoads();
  const { server, join, settle, linger, received } = createSubscribedClient(
    dynamic,
    {},
    { snapshots: { b: snapshot(load) } },
  );
  join("a");
  const leave = join("b");
  await settle();
  leave();
  await linger();
  await server.publish("b", 1);
  await server.publish("b", 2);
  await server.gap(["b"], "slow");
  server.setRandom(0);
  await server.cutAfter(60);
  join("b");
  await settle();
  await server.advance(5_000);
  loads.at(-1)?.resolve({ data: [] });
  await settle();
  expect(received).toEqual([
    ["b", 1],
    ["b", 2],
  ]);
});

// SPEC 75
describe("patterns", () => {
  const channels = { "chat/*": type<number>() };
  const createStory = () => {
    const { loads, load } = createLoads();
    const story = createSubscribedClient(
      dynamic,
      {},
      { channels, snapshots: { "chat/*": snapshot(load) as never }, subscription: undefined },
    );
    return { ...story, loads };
  };

  test("have their state loaded, and drop what it holds already", async () => {
    const { server, join, settle, loads, received, client } = createStory();
    join("chat/*");
    await settle();
    await server.gap(["chat/1"], "slow");
    expect(loads.map(({ channel }) => channel)).toEqual(["chat/*"]);
    await server.publish("chat/1", 1);
    await server.publish("chat/2", 2);
    loads[0]?.resolve({ data: [100], id: "fake01.1" });
    await settle();
    expect(received).toEqual([
      ["chat/*", 100],
      ["chat/2", 2],
    ]);
    expect(client.stats.get()).toMatchObject({ duplicates: 1 });
  });

  test("and a channel of theirs are loaded each on its own; neither drops what only the other one has", async () => {
    const { server, join, settle, loads, client } = createStory();
    join("chat/*", "chat/1");
    const dataOf = (name: string) =>
      client
        .channel(name)
        .history.get()
        .map(({ data }) => data);
    await settle();
    await server.gap(["chat/*"], "slow");
    expect(loads.map(({ channel }) => channel).sort()).toEqual(["chat/*", "chat/1"]);
    for (const data of [1, 2, 3]) await server.publish("chat/1", data);
    loads.find(({ channel }) => channel === "chat/*")?.resolve({ data: [], id: "fake01.1" });
    loads.find(({ channel }) => channel === "chat/1")?.resolve({ data: [], id: "fake01.2" });
    await settle();
    expect([dataOf("chat/*"), dataOf("chat/1")]).toEqual([[2, 3], [3]]);
  });
});

// SPEC 76
test("reduce sees which messages a snapshot has brought", async () => {
  const { loads, load } = createLoads();
  const { client, server, settle } = createSubscribedClient(query, {}, { snapshots: { a: snapshot(load) } });
  const all = reduce(client.channel("a"), marked, []);
  all.subscribe(() => {});
  await settle();
  await server.publish("a", 1);
  await server.gap(["a"], "slow");
  await server.publish("a", 2);
  loads[0]?.resolve({ data: [10, 11] });
  await settle();
  expect(all.get()).toEqual([1, "S10", "S11", 2]);
});

// SPEC 75
describe("asynchronous schemas", () => {
  const waiting: (() => void)[] = [];
  const schema: StandardSchema<number> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => new Promise((resolve) => waiting.push(() => resolve({ value: value as number }))),
    },
  };
  const channels = defineChannels({ slow: { schema }, a: type<number>() });
  const gap = frame("sse.gap", { channels: ["a"], reason: "slow", from: null, to: "abc123.1" });

  test("keep their place behind what waits for a snapshot", async () => {
    const { loads, load } = createLoads();
    const { client, open, settle } = createTestClient({
      channels,
      snapshots: { slow: snapshot(load) as never },
    });
    const received: unknown[] = [];
    client.on("message", ({ data }) => received.push(data));
    client.channel("slow").on(() => {});
    const stream = await open();
    stream.push(hello({ pos: "1" }) + gap.replace('"a"', '"slow"'));
    await settle();
    stream.push(frame("slow", 1, "abc123.2") + frame("slow", 2, "abc123.3"));
    await settle();
    loads[0]?.resolve({ data: [0] });
    await settle();
    expect(received).toEqual([0]);
    while (waiting.length > 0) {
      waiting.shift()?.();
      await settle();
    }
    expect(received).toEqual([0, 1, 2]);
  });

  test("that are interrupted bring nothing twice of what waits for a snapshot", async () => {
    const { loads, load } = createLoads();
    const { client, open, settle } = createTestClient({ channels, snapshots: { a: snapshot(load) as never } });
    const received: unknown[] = [];
    client.on("message", ({ data }) => received.push(data));
    client.channel("a").on(() => {});
    client.channel("slow").on(() => {});
    const both = frame("slow", 1, "abc123.2") + frame("a", 2, "abc123.3");
    const first = await open();
    first.push(hello({ pos: "1" }) + gap);
    await settle();
    first.push(both);
    await settle();
    client.disconnect();
    client.connect();
    const second = await open();
    expect(second.headers.get("last-event-id")).toBe("abc123.3");
    second.push(hello({ pos: "3", resume: "resumed" }));
    await settle();
    loads.at(-1)?.resolve({ data: [] });
    while (waiting.length > 0) {
      waiting.shift()?.();
      await settle();
    }
    expect([...received].sort()).toEqual([1, 2]);
  });
});
