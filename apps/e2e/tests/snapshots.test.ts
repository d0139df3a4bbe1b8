import {
  type ChannelSnapshot,
  createSSEClient,
  defineChannels,
  dynamic,
  type SnapshotContext,
  type SSEError,
  snapshot,
  type,
} from "@x/sse-core";
import { createHub, type HubOptions } from "@x/sse-server";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { describe, expect, test } from "vitest";
import { createFetchLink } from "./support/fetch-link.ts";

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** A real hub and a client that loads the state of channel "a" from a store. */
function createStory(hubOptions: HubOptions = {}, channels: readonly string[] = ["**"]) {
  const link = createFetchLink(100_000, { onOpen() {}, onBytes() {} });
  const environment = createFakeEnvironment({ fetch: link.fetch });
  environment.setRandom(0);
  const { clock } = environment;
  const deferred = new Set<() => void>();
  let runs = 0;
  const open = () => {
    const hub = createHub({
      ...hubOptions,
      epoch: `epoch${runs++}`,
      environment: {
        now: environment.now,
        random: environment.random,
        randomId: () => `conn${runs}-${link.requests.length}`,
        setTimer: clock.setTimer,
        defer(callback) {
          deferred.add(callback);
          return () => void deferred.delete(callback);
        },
      },
    });
    link.serve((request) => hub.fetch(request, { channels }));
    return hub;
  };
  let hub = open();
  const loads: (SnapshotContext & { resolve(value: ChannelSnapshot<number>): void })[] = [];
  const errors: SSEError[] = [];
  const received: unknown[] = [];
  const client = createSSEClient({
    url: "http://hub/events",
    channels: defineChannels({ a: type<number>(), b: type<number>() }),
    subscription: dynamic(),
    onError: (error) => errors.push(error),
    environment: {
      ...environment,
      fetch: (input, init) =>
        init?.method === "POST" ? hub.fetch(new Request(input as string, init), { channels }) : link.fetch(input, init),
      requestFlush: queueMicrotask,
    },
    snapshots: {
      a: snapshot<number>((context) => new Promise((resolve) => void loads.push({ ...context, resolve }))),
    },
  });
  client.on("message", ({ channel, data, snapshot }) => received.push([channel, snapshot ? `S${data}` : data]));
  const settle = async () => {
    for (let round = 0; round < 3; round++) {
      await turn();
      for (const callback of deferred) {
        deferred.delete(callback);
        callback();
      }
      await turn();
    }
  };
  return {
    client,
    link,
    clock,
    loads,
    errors,
    received,
    settle,
    publish: (channel: string, data: number) => void hub.publish(channel, data),
    /** The process dies and comes back. */
    restart() {
      hub = open();
      link.cut();
    },
    head: () => hub.head,
  };
}

// SPEC 70
describe("a loss at a real hub", () => {
  test("is one gap and one snapshot, with what follows behind it, and none of what the ring has dropped", async () => {
    const { client, link, loads, received, settle, publish, head } = createStory({ history: { size: 5 } });
    client.channel("a").on(() => {});
    await settle();
    publish("a", 0);
    await settle();
    link.cut();
    await settle();
    for (let n = 1; n <= 10; n++) publish("a", n);
    client.connect();
    await settle();
    expect(client.status.get().resume).toMatchObject({ type: "gap", reason: "trimmed" });
    expect(loads).toHaveLength(1);
    const id = head();
    publish("a", 11);
    publish("a", 12);
    await settle();
    expect(received).toEqual([["a", 0]]);
    loads[0]?.resolve({ data: [100], id });
    await settle();
    expect(received).toEqual([
      ["a", 0],
      ["a", "S100"],
      ["a", 11],
      ["a", 12],
    ]);
    expect(client.channel("a").gap.get()).toBeNull();
    expect(client.stats.get()).toMatchObject({ gaps: 1, duplicates: 0 });
  });

  test("is none where the ring holds all of it", async () => {
    const { client, link, loads, received, settle, publish } = createStory({ history: { size: 20 } });
    client.channel("a").on(() => {});
    await settle();
    link.cut();
    await settle();
    for (let n = 1; n <= 10; n++) publish("a", n);
    client.connect();
    await settle();
    expect(received).toHaveLength(10);
    expect(client.status.get().resume).toEqual({ type: "replayed", count: 10 });
    expect(loads).toHaveLength(0);
  });

  test("that is told again, as the link breaks right after it, loads once", async () => {
    let told = 0;
    for (let after = 0; after <= 500; after += 5) {
      const { client, link, loads, received, settle, publish, head } = createStory({ history: { size: 1 } });
      client.channel("a").on(() => {});
      await settle();
      link.cut();
      await settle();
      for (let n = 1; n <= 3; n++) publish("a", n);
      link.cutAfter(after);
      client.connect();
      await settle();
      loads[0]?.resolve({ data: [3], id: head() });
      await settle();
      link.cutAfter(Number.POSITIVE_INFINITY);
      client.connect();
      await settle();
      loads[0]?.resolve({ data: [3], id: head() });
      await settle();
      told = Math.max(told, client.stats.get().gaps);
      expect(loads, `cut after ${after} bytes`).toHaveLength(1);
      expect(client.channel("a").gap.get()).toBeNull();
      publish("a", 4);
      await settle();
      expect(received).toEqual([
        ["a", "S3"],
        ["a", 4],
      ]);
      client.close();
    }
    expect(told).toBe(2);
  });

  test("of a whole epoch loads what the channel is now", async () => {
    const { client, loads, settle, restart, publish, received } = createStory();
    client.channel("a").on(() => {});
    await settle();
    publish("a", 1);
    await settle();
    restart();
    await settle();
    client.connect();
    await settle();
    expect(loads[0]?.gap).toMatchObject({ reason: "epoch" });
    publish("a", 2);
    loads[0]?.resolve({ data: [1] });
    await settle();
    expect(received).toEqual([
      ["a", 1],
      ["a", "S1"],
      ["a", 2],
    ]);
  });

  test("of a channel that is added to an open stream loads once it is carried", async () => {
    const { client, loads, clock, settle, publish, received } = createStory({ history: { size: 1 } });
    client.channel("b").on(() => {});
    const leave = client.channel("a").on(() => {});
    await settle();
    leave();
    clock.advance(1_000);
    await settle();
    for (let n = 1; n <= 3; n++) publish("a", n);
    await settle();
    client.channel("a").on(() => {});
    await settle();
    expect(loads.map(({ gap }) => gap?.reason)).toEqual(["trimmed"]);
    publish("a", 4);
    await settle();
    loads[0]?.resolve({ data: [3] });
    await settle();
    expect(received).toEqual([
      ["a", "S3"],
      ["a", 4],
    ]);
    expect(client.stats.get().reconnects).toBe(0);
  });
});

// SPEC 63
test("a name that a real hub does not grant is an error of its channel", async () => {
  const { client, settle, errors, publish, received } = createStory({}, ["a"]);
  client.channel("a").on(() => {});
  await settle();
  client.channel("b").on(() => {});
  await settle();
  expect(errors).toEqual([expect.objectContaining({ code: "channel-forbidden", channel: "b" })]);
  publish("b", 1);
  publish("a", 2);
  await settle();
  expect(received).toEqual([["a", 2]]);
});

// SPEC 67
test("where a real hub does not know the stream any more a new one is made", async () => {
  const { client, link, settle, restart, publish, received } = createStory();
  client.channel("a").on(() => {});
  await settle();
  // Nobody has told the client.
  link.stall();
  restart();
  client.channel("b").on(() => {});
  link.unstall();
  await settle();
  client.connect();
  await settle();
  publish("b", 1);
  await settle();
  expect(received).toEqual([["b", 1]]);
  expect(client.channel("a").gap.get()).toMatchObject({ reason: "epoch" });
});
