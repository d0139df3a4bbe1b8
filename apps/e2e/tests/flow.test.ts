import { createSSEClient } from "@x/sse-core";
import { createHub, type HubOptions } from "@x/sse-server";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { afterEach, expect, test } from "vitest";

/* What a hub can be set to in order to spare itself, with a client that knows nothing of it. */

// A promise job that is due has run before the next turn of the event loop.
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

let tidy: () => unknown;
afterEach(() => tidy());

function open(options: HubOptions) {
  const environment = createFakeEnvironment({ fetch: (input, init) => hub.fetch(new Request(input, init)) });
  environment.setRandom(0.5);
  const { now, setTimer } = environment.clock;
  const hub = createHub({
    epoch: "k3f9q2",
    retryMs: [100, 100],
    ...options,
    environment: {
      now,
      date: now,
      random: () => 0.5,
      randomId: () => "conn",
      setTimer,
      defer: (run) => setTimer(run, 0),
    },
  });
  const client = createSSEClient<Record<string, unknown>>({
    url: "http://hub/?channels=a,b",
    environment: { ...environment, requestFlush: queueMicrotask },
  });
  const received: unknown[] = [];
  client.channel("a").on(({ data }) => received.push(data));
  tidy = async () => {
    client.close();
    await hub.close({ spreadMs: 0 });
  };
  return {
    hub,
    client,
    received,
    async wait(ms: number) {
      await turn();
      for (let passed = 0; passed < ms; passed += 100) {
        await environment.clock.advanceAsync(100);
        await turn();
      }
    },
  };
}

test("a stream that ends at an age is taken up again like any other, and nothing is lost", async () => {
  const { hub, client, received, wait } = open({ maxConnectionMs: 10_000 });
  await wait(0);
  for (let index = 0; index < 300; index++) {
    void hub.publish("a", index);
    await wait(100);
  }
  await wait(1_000);
  expect(received).toEqual(Array.from({ length: 300 }, (_, index) => index));
  expect(client.stats.get()).toMatchObject({ gaps: 0, duplicates: 0 });
  expect(client.stats.get().connects).toBeGreaterThan(3);
  expect(hub.stats().closes["max-age"]).toBe(client.stats.get().connects - 1);
  expect(client.status.get()).toMatchObject({ status: "open" });
});

test("a visible heartbeat moves the position and is no message", async () => {
  const { hub, client, received, wait } = open({ visibleHeartbeat: true, heartbeatMs: 1_000 });
  const others: unknown[] = [];
  client.channel("sse.ping").on((message) => others.push(message));
  await wait(0);
  void hub.publish("elsewhere", 1);
  await wait(2_000);
  expect(client.status.get()).toMatchObject({ lastEventId: "k3f9q2.1", stale: false });
  expect([received, others]).toEqual([[], []]);
});

test("of a state only the newest comes to a client that is new or was away, without a gap", async () => {
  const { hub, client, received, wait } = open({ history: { size: 2 } });
  for (const data of [1, 2]) void hub.publish("a", data, { latest: true });
  await wait(200);
  client.pause("test");
  for (const data of [3, 4, 5]) void hub.publish("a", data, { latest: true });
  await wait(200);
  client.resume("test");
  await wait(1_000);
  expect(received).toEqual([2, 5]);
  expect(client.stats.get()).toMatchObject({ gaps: 0, connects: 2 });
});
