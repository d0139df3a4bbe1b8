import { afterEach, describe, expect, test, vi } from "vitest";
import { defineChannels, dynamic, query, snapshot } from "../src/index.ts";
import { createLoads } from "./support/loads.ts";
import { passAfter } from "./support/pass-after.ts";
import { watchRejections } from "./support/rejections.ts";
import { createSubscribedClient } from "./support/subscribed-client.ts";
import { createTestClient, frame, hello } from "./support/test-client.ts";

const noop = () => {};
const never = () => new Promise<void>(noop);

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A client of "a", decoded as told, and "b", whose "a" is being loaded while a log of messages has come. */
async function setUpLoading(wait: () => Promise<void> | void, log: readonly string[]) {
  const { loads, load } = createLoads();
  const { client, open, settle } = createTestClient({
    channels: defineChannels({ a: { schema: passAfter(wait) }, b: {} }),
    snapshots: { a: snapshot(load) },
  });
  const received: unknown[] = [];
  client.on("message", ({ data }) => received.push(data));
  client.channel("a").on(noop);
  const framed = log.map((data, index) => frame(data.slice(0, 1), data, `abc123.${index + 2}`));
  const request = await open();
  request.push(hello({ resume: "gap" }));
  request.push(frame("sse.gap", { channels: ["a"], reason: "trimmed", from: "abc123.0", to: "abc123.1" }));
  await settle();
  request.push(framed.join(""));
  await settle();
  return {
    client,
    received,
    settle,
    async load() {
      loads[0]?.resolve({ data: ["S"], id: "abc123.1" });
      await settle();
    },
    /** A stream continues where it is asked to. */
    async comeBack() {
      client.connect();
      const next = await open();
      const from = Number(next.headers.get("last-event-id")?.split(".")[1]);
      next.push(hello({ resume: "resumed", pos: "5" }) + framed.slice(Math.max(0, from - 1)).join(""));
      await settle();
      await settle();
    },
  };
}

// SPEC 5, 32
describe("messages that are decoded asynchronously", () => {
  test("are all delivered when the client was closed while those that had waited for a snapshot were decoded", async () => {
    let wait: () => Promise<void> | void = never;
    const { client, received, settle, load, comeBack } = await setUpLoading(() => wait(), ["a2", "a3", "a4", "a5"]);
    await load();
    expect(received).toEqual(["S"]);
    client.close();
    await settle();
    wait = noop;
    await comeBack();
    expect(received).toEqual(["S", "a2", "a3", "a4", "a5"]);
  });

  test("are all delivered when one of their handlers closed the client, and nothing of other channels again", async () => {
    const { client, received, load, comeBack } = await setUpLoading(noop, ["a2", "b3", "a4", "b5"]);
    client.channel("a").on(({ data }) => data === "a2" && client.close());
    expect(received).toEqual(["b3", "b5"]);
    await load();
    await comeBack();
    expect(received).toEqual(["b3", "b5", "S", "a2", "a4"]);
  });

  test("go on after one whose schema threw what cannot be turned into text", async () => {
    // What becomes of the one that threw is not the question here.
    vi.stubGlobal("reportError", noop);
    const unhandled = watchRejections();
    const schema = passAfter((value) => {
      if (value === 1) throw Object.create(null);
    });
    const { client, open, settle } = createTestClient({ channels: defineChannels({ a: { schema } }) });
    const received: unknown[] = [];
    client.channel("a").on(({ data }) => received.push(data));
    const request = await open();
    request.push(frame("a", 1) + frame("a", 2));
    await settle();
    request.push(frame("a", 3));
    await settle();
    expect(received).toEqual([2, 3]);
    expect(await unhandled()).toEqual([]);
  });
});

// SPEC 66
test("a client that is closed while the replay of an added channel is decoded loses nothing of it", async () => {
  let wait: () => Promise<void> | void = noop;
  const channels = defineChannels({ a: {}, b: { schema: passAfter(() => wait()) } });
  const { client, join, server, settle, linger, received, gapOf } = createSubscribedClient(dynamic, {}, { channels });
  join("a");
  const leave = join("b");
  await settle();
  await server.publish("b", 1);
  leave();
  await linger();
  await server.publish("b", 2);
  await server.publish("a", 1);
  wait = never;
  join("b");
  await settle();
  client.close();
  await settle();
  wait = noop;
  client.connect();
  await server.advance(5_000);
  expect(received).toEqual([
    ["b", 1],
    ["a", 1],
    ["b", 2],
  ]);
  expect(gapOf("b")).toBeNull();
});

/** Numbers below a bound that follow from a seed. */
function createRandom(seed: number) {
  let state = seed * 7_919;
  return (bound: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % bound;
  };
}

const names = ["a", "b", "c"] as const;
const none = () => undefined as never;

/** A client of three channels, two of which take any time to decode; its handlers close it and connect it anew. */
function createWalk(factory: typeof query, seed: number) {
  const random = createRandom(seed);
  const sleep = (ms: number) => new Promise<void>((resolve) => void server.environment.setTimer(resolve, ms));
  const schema = passAfter(() => [noop, () => Promise.resolve(), () => sleep(random(300))][random(3)]?.());
  const load = async () => {
    await sleep(random(1_500));
    if (random(4) === 0) throw new Error("not now");
    return { data: [] };
  };
  const subject = createSubscribedClient(
    factory,
    {},
    { channels: defineChannels({ a: { schema }, b: {}, c: { schema } }), snapshots: { a: snapshot<unknown>(load) } },
  );
  const { client, server, join, received } = subject;
  client.channel("a").on(() => random(12) === 0 && client.close());
  client.channel("b").on(() => random(12) === 0 && client.reconnect());
  let leave: (() => void) | null = join("c");
  const sent: [string, number][] = [];
  const isConnected = () => server.leaks().streams > 0 && client.status.get().status === "open";

  const publish = () => {
    const name = names[random(3)]!;
    sent.push([name, sent.length]);
    return server.publish(name, sent.length - 1);
  };
  const wait = () => server.advance(random(2_000));
  const toggle = () => {
    leave?.();
    leave = leave ? null : join("c");
  };
  const pause = async () => {
    client.pause();
    await server.advance(random(200));
    client.resume();
  };
  const drop = () => isConnected() && server.drop();
  const lose = () => isConnected() && server.gap(["a"], "slow");
  const { close, connect } = client;
  const steps = [publish, publish, publish, publish, wait, wait, drop, close, connect, pause, lose, toggle];
  return {
    client,
    async play() {
      await server.advance(50);
      for (let step = 0; step < 80; step++) await steps[random(steps.length)]?.();
      if (!leave) toggle();
      for (let round = 0; round < 30; round++) {
        connect();
        await server.advance(3_000);
      }
    },
    /** Of these channels, each by itself: what was published and what came. */
    compare(channels: readonly string[]) {
      const of = (list: readonly unknown[]) =>
        channels.map((name) => (list as typeof sent).filter(([channel]) => channel === name).map(([, data]) => data));
      return { sent: of(sent), received: of(received) };
    },
  };
}

// SPEC 32, 66
test.each([
  // Only dynamic() goes on where a channel was left; "c" is left and subscribed to again.
  ["dynamic()", dynamic, names],
  ["query()", query, ["a", "b"]],
  ["all channels", none, ["a", "b"]],
] as const)("on random walks with %s nothing is lost, repeated or out of order", async (_, factory, channels) => {
  let delivered = 0;
  for (let seed = 1; seed <= 120; seed++) {
    const walk = createWalk(factory, seed);
    await walk.play();
    const { sent, received } = walk.compare(channels);
    expect(received, `seed ${seed}`).toEqual(sent);
    walk.client.close();
    delivered += received.flat().length;
  }
  expect(delivered).toBeGreaterThan(1_000);
});
