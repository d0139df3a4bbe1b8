import { getEventListeners } from "node:events";
import type { ServerResponse } from "node:http";
import { createSSEClient, defineChannels, type } from "@x/sse-core";
import { createHub, type Environment } from "@x/sse-server";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { createRecorder, until } from "test-kit/until";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type HubServer, startHubServer } from "./support/hub-server.ts";

const nothing = { timers: 0, flushes: 0, listeners: 0 };
const channels = defineChannels({ a: type<number>(), b: type<number>() });
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** The platform, with every timer and deferred call counted. */
function createCountingEnvironment() {
  const pending = new Set<() => void>();
  const counted = (start: (run: () => void) => () => void, run: () => void) => {
    const cancel = start(() => {
      pending.delete(run);
      run();
    });
    pending.add(run);
    return () => {
      pending.delete(run);
      cancel();
    };
  };
  const environment: Environment = {
    now: () => performance.now(),
    random: Math.random,
    randomId: () => crypto.randomUUID(),
    setTimer: (run, ms) =>
      counted(
        (callback) => {
          const handle = setTimeout(callback, ms);
          return () => clearTimeout(handle);
        },
        () => run(),
      ),
    defer: (run) =>
      counted(
        (callback) => {
          const handle = setImmediate(callback);
          return () => clearImmediate(handle);
        },
        () => run(),
      ),
  };
  return { environment, pending };
}

let server: HubServer;
let responses: ServerResponse[];
let signals: AbortSignal[];
beforeEach(async () => {
  server = await startHubServer();
  responses = [];
  signals = [];
});
afterEach(() => server.close());

/** What keeps the process alive, counted by kind. */
function activeResources() {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Listeners on a response by event name. */
const listenersOf = (response: ServerResponse) =>
  Object.fromEntries(response.eventNames().map((name) => [name, response.listenerCount(name)]));

function start() {
  const counting = createCountingEnvironment();
  const hub = createHub({ environment: counting.environment, retryMs: [0, 0] });
  const own: Record<string, number>[] = [];
  server.handle((request, response) => {
    responses.push(response);
    own.push(listenersOf(response));
    hub.node(request, response);
  });
  const environment = createFakeEnvironment({
    fetch(input, init) {
      if (init?.signal) signals.push(init.signal);
      return fetch(input, init);
    },
  });
  environment.setRandom(0);
  const client = createSSEClient({ url: `${server.url}/events`, channels, environment });
  const received = createRecorder<number>();
  return { hub, counting, environment, client, received, own };
}

/** Resolves when nothing of any stream remains on either side; says otherwise what does. */
async function expectNothingLeft({ hub, counting, environment, own }: ReturnType<typeof start>) {
  await until(server.sockets, (counts) => (counts.at(-1) ?? 0) === 0, "no open socket");
  await turn();
  environment.flush();
  expect(environment.leaks(), "client").toEqual(nothing);
  expect({ connections: hub.stats().connections, timers: counting.pending.size }, "hub").toEqual({
    connections: 0,
    timers: 0,
  });
  expect(responses.map(({ destroyed }) => destroyed)).toEqual(responses.map(() => true));
  for (const [index, response] of responses.entries()) {
    // Those the hub added are gone; Node.js removes its own as it likes.
    for (const [name, count] of Object.entries(listenersOf(response)))
      expect(count, `listeners of "${name}"`).toBeLessThanOrEqual(own[index]?.[name] ?? 0);
  }
  for (const signal of signals) expect(getEventListeners(signal, "abort"), "abort listeners").toEqual([]);
}

test("after the last subscriber has gone and the linger time has passed nothing is left", async () => {
  const before = activeResources();
  const world = start();
  const { client, hub, received, environment, counting } = world;
  const stops = [
    client.channel("a").on(({ data }) => received.add(data)),
    client.channel("b").on(({ data }) => received.add(data)),
    client.channel("a").view.subscribe(() => {}),
    client.channel("b").history.subscribe(() => {}),
    client.retain(),
  ];
  await until(client.status, ({ status }) => status === "open");
  await hub.publish("a", 1);
  await hub.publish("b", 2);
  await until(received, ({ length }) => length === 2);
  expect(counting.pending.size, "the heartbeat").toBe(1);

  for (const stop of stops) {
    stop();
    stop();
  }
  environment.clock.advance(999);
  expect(client.status.get().status).toBe("open");
  environment.clock.advance(1);
  expect(client.status.get().status).toBe("idle");
  await expectNothingLeft(world);
  // The test runner has some of its own, which may end meanwhile.
  for (const [kind, count] of Object.entries(activeResources()))
    expect(count, kind).toBeLessThanOrEqual(before[kind] ?? 0);
  expect(received.items).toEqual([1, 2]);
});

test("after close() nothing is left", async () => {
  const world = start();
  const { client } = world;
  const stop = client.channel("a").on(() => {});
  await until(client.status, ({ status }) => status === "open");
  stop();
  client.close();
  await expectNothingLeft(world);
});

test("after close() in every state nothing is left", async () => {
  const world = start();
  const { client, environment } = world;
  // Connecting.
  client.connect();
  client.close();
  // Waiting.
  await until(client.status, ({ status }) => status === "closed");
  client.connect();
  await until(client.status, ({ status }) => status === "open");
  for (const response of responses) response.destroy();
  await until(client.status, ({ nextRetryAt }) => nextRetryAt !== null);
  expect(environment.clock.pending, "the retry").toBe(1);
  client.close();
  await expectNothingLeft(world);
});

test("a hundred subscribers that come and go leave nothing, nor does each reconnect", async () => {
  const world = start();
  const { client, hub, received, environment } = world;
  for (let round = 1; round <= 20; round++) {
    const stops = Array.from({ length: 5 }, () => client.channel("a").on(({ data }) => received.add(data)));
    if (round % 2 === 0) client.reconnect();
    await until(client.status, ({ status }) => status === "open");
    await hub.publish("a", round);
    // Whether before or after the publication: the stream is attached, or will get it as missed.
    await until(received, (items) => items.filter((item) => item === round).length === 5, `message ${round}, 5 times`);
    for (const stop of stops) stop();
    environment.clock.advance(1_000);
    expect(client.status.get().status).toBe("idle");
  }
  expect(received.items).toHaveLength(100);
  await expectNothingLeft(world);
});

test("a hub that closes leaves nothing, and neither does the client that gives up", async () => {
  const world = start();
  const { client, hub } = world;
  const stop = client.channel("a").on(() => {});
  await until(client.status, ({ status }) => status === "open");
  const closed = hub.close({ spreadMs: 0 });
  await until(client.status, ({ nextRetryAt }) => nextRetryAt !== null);
  expect(client.status.get().cause).toMatchObject({ code: "bye", reason: "shutdown" });
  expect(await closed).toEqual({ ended: 1, destroyed: 0 });
  stop();
  client.close();
  await expectNothingLeft(world);
});
