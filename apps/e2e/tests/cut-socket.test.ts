import { createSSEClient, defineChannels, type } from "@x/sse-core";
import { createHub, type Hub } from "@x/sse-server";
import { type ChaosProxy, createChaosProxy } from "@x/sse-server/testing";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { createRecorder, until } from "test-kit/until";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HubServer, startHubServer } from "./support/hub-server.ts";

/* The same as the property, with nothing in between but sockets: `node:http`, TCP and the platform's `fetch`. */

let server: HubServer;
let link: ChaosProxy;
beforeAll(async () => {
  server = await startHubServer();
  link = await createChaosProxy({ target: server });
});
afterAll(async () => {
  await link.close();
  await server.close();
});

const channels = defineChannels({ a: type<string>(), b: type<string>() });
const missed = ["a", "b", "a", "b", "b", "a"] as const;
const textOf = (count: number) => `${count} \u20AC\u{1F600}`;

/**
 * One client that has seen one message, loses its connection, misses six and has the connection on which they are
 * replayed cut after so many bytes of body. Two more messages follow.
 */
async function run(after: number) {
  const hub: Hub = createHub({ retryMs: [0, 0], heartbeatMs: null });
  server.handle((request, response) => hub.node(request, response));
  const environment = createFakeEnvironment({ fetch });
  environment.setRandom(0);
  const client = createSSEClient({ url: `${link.url}/events?channels=a,b`, channels, environment });
  const received = createRecorder<string>();
  const opened = createRecorder<number>();
  let isWaiting = false;
  for (const name of ["a", "b"] as const)
    client.channel(name).on(({ data, id }) => received.add(`${name} ${id?.split(".")[1]} ${data}`));
  client.status.subscribe(() => {
    const { status, nextRetryAt, openedAt } = client.status.get();
    if (status === "open") opened.add(openedAt ?? 0);
    isWaiting = nextRetryAt !== null;
    // Without jitter and with `retry: 0` there is nothing to wait for, except in the outage below.
    if (isWaiting && !isOut) environment.clock.advance(0);
  });
  let isOut = false;
  const count = (wanted: number) => until(received, ({ length }) => length >= wanted, `${wanted} messages`);

  await until(opened, ({ length }) => length === 1, "the first stream");
  await hub.publish("a", textOf(1));
  await count(1);
  isOut = true;
  link.drop();
  await until(client.status, ({ nextRetryAt }) => nextRetryAt !== null);
  for (const [index, channel] of missed.entries()) await hub.publish(channel, textOf(index + 2));
  const before = link.accepted;
  link.cutBodyAfter(after);
  isOut = false;
  environment.clock.advance(0);
  await count(7);
  await hub.publish("b", textOf(8));
  await hub.publish("a", textOf(9));
  await count(9);
  client.close();
  environment.flush();
  const { duplicates, gaps } = client.stats.get();
  const connections = link.accepted - before;
  const expected = ["a", ...missed, "b", "a"].map((channel, at) => `${channel} ${at + 1} ${textOf(at + 1)}`);
  await hub.close({ spreadMs: 0 });
  return { received: received.items, expected, duplicates, gaps, connections };
}

describe("a replay over real sockets", () => {
  test("cut after every byte it is completed without duplicates", { timeout: 60_000 }, async () => {
    let after = 0;
    // Until the cut comes after all there is, chunk framing included.
    for (; ; after++) {
      const { received, expected, connections, ...counts } = await run(after);
      expect(received, `cut after ${after} bytes`).toEqual(expected);
      expect(counts, `cut after ${after} bytes`).toEqual({ duplicates: 0, gaps: 0 });
      if (connections === 1) break;
    }
    expect(after, "bytes of hello, seven messages and two more").toBeGreaterThan(500);
  });
});
