import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { createSSEClient, defineChannels, type SSEClient, type SSEError, type } from "@x/sse-core";
import { polling } from "@x/sse-core/polling";
import { createHub, type Hub } from "@x/sse-server";
import { createRecorder, type Recorder, until } from "test-kit/until";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type HubServer, startHubServer } from "./support/hub-server.ts";

/*
 * A hub, a proxy that holds back the bodies of streams, and a client on the platform's fetch and clock. Times are scaled
 * down; nothing is concluded from how long something took, except that it was not too long.
 */

const timeoutMs = 1_500;
const channels = defineChannels({ a: type<number>(), b: type<number>() });

/** A proxy as nginx is one with its buffers on: heads pass, and the bytes of an event stream do not. */
async function startProxy(target: HubServer) {
  let isBuffering = true;
  const streams = new Set<ServerResponse>();
  const accepts: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { method, url, headers } = request;
    accepts.push(`${headers.accept}`);
    const upstream = sendRequest({ port: target.port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      if (!`${answer.headers["content-type"]}`.startsWith("text/event-stream")) return void answer.pipe(response);
      streams.add(response);
      response.once("close", () => streams.delete(response));
      if (isBuffering) answer.resume();
      else answer.pipe(response);
      answer.once("error", () => response.destroy());
    });
    upstream.once("error", () => response.destroy());
    response.once("close", () => upstream.destroy());
    request.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepts,
    buffer() {
      isBuffering = true;
      for (const stream of streams) stream.destroy();
    },
    repair() {
      isBuffering = false;
    },
    openStreams: () => streams.size,
    async close() {
      const stopped = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await stopped;
    },
  };
}

let server: HubServer;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let hub: Hub;
let client: SSEClient<{ a: number; b: number }>;
let received: Recorder<string>;
let transports: Recorder<string>;
let errors: SSEError[];
let warnings: string[];
let published: string[];
let stopPublishing = () => {};

beforeEach(async () => {
  warnings = [];
  vi.spyOn(console, "warn").mockImplementation((text: string) => void warnings.push(text));
  server = await startHubServer();
  proxy = await startProxy(server);
  errors = [];
  published = [];
  received = createRecorder();
  transports = createRecorder();
});
afterEach(async () => {
  stopPublishing();
  client.close();
  await hub.close({ spreadMs: 0 });
  await proxy.close();
  await server.close();
  vi.restoreAllMocks();
});

/**
 * @param pollWaitMs - how long the hub holds a poll
 * @param size - events kept per channel; by default more than a change of transport can take
 */
function start(pollWaitMs: number, size = 10_000) {
  hub = createHub({ retryMs: [20, 40], heartbeatMs: 200, pollWaitMs, history: { size }, replayMax: 10_000 });
  server.handle((request, response) => hub.node(request, response));
  client = createSSEClient({
    url: `${proxy.url}/events?channels=a,b`,
    channels,
    fallback: polling({ returnMs: 400 }),
    firstByteTimeoutMs: timeoutMs,
    retry: { baseMs: 20, capMs: 40 },
    onError: (error) => errors.push(error),
    environment: { isServer: false },
  });
  for (const name of ["a", "b"] as const) client.channel(name).on(({ data }) => received.add(`${name} ${data}`));
  client.status.subscribe(() => {
    const { status, transport } = client.status.get();
    if (status === "open" && transports.items.at(-1) !== transport) transports.add(transport);
  });
}

/** Publishes every few milliseconds until told to stop. */
function publish() {
  let count = 0;
  const timer = setInterval(() => {
    const name = count % 3 === 0 ? "b" : "a";
    published.push(`${name} ${++count}`);
    void hub.publish(name, count);
  }, 7);
  stopPublishing = () => clearInterval(timer);
}

const carriedBy = (...names: string[]) =>
  until(transports, (items) => items.length >= names.length, `${names}`).then(() =>
    expect(transports.items.slice(0, names.length)).toEqual(names),
  );
/** So many messages later. */
const more = (count: number) => {
  const { length } = received.items;
  return until(received, (items) => items.length >= length + count, `${count} more messages`);
};
const all = () => until(received, ({ length }) => length >= published.length, "all messages");
const polls = () => proxy.accepts.filter((accept) => accept === "application/json").length;

// SPEC 95
describe.each([
  ["holds polls", 25_000],
  ["answers polls at once", 0],
])("behind a proxy that holds back streams, with a server that %s", (_, pollWaitMs) => {
  test("messages come by polls, by a stream when it is repaired, and again: each once and in order", {
    timeout: 20_000,
  }, async () => {
    start(pollWaitMs);
    const startedAt = performance.now();
    await carriedBy("polling");
    publish();
    await more(1);
    expect(performance.now() - startedAt, "the first message").toBeLessThan(3 * timeoutMs);
    await more(100);
    expect(client.status.get()).toMatchObject({ status: "open", transport: "polling" });

    proxy.repair();
    await carriedBy("polling", "fetch");
    await more(50);
    const before = polls();
    await more(50);
    expect(polls(), "polls beside a stream").toBe(before);

    proxy.buffer();
    await carriedBy("polling", "fetch", "polling");
    await more(50);
    proxy.repair();
    await carriedBy("polling", "fetch", "polling", "fetch");
    await more(50);

    stopPublishing();
    await all();
    expect(received.items).toEqual(published);
    expect(client.stats.get()).toMatchObject({ gaps: 0, invalid: 0 });
    expect(warnings).toEqual([expect.stringContaining("X-Accel-Buffering")]);
    // Two streams that were silent each time, and the one that was cut: what was tried beside the polls is no error.
    expect(errors.map(({ code }) => code)).toEqual(["timeout", "timeout", "network", "timeout", "timeout"]);
  });
});

test("a message reaches a client whose poll is held at once", { timeout: 20_000 }, async () => {
  start(25_000);
  await carriedBy("polling");
  // The first poll of an attempt is answered at once; the next one is held.
  await until({ get: polls, subscribe: poll }, (count) => count >= 2, "a second poll");
  const sentAt = performance.now();
  await hub.publish("a", 1);
  await more(1 - received.items.length);
  expect(performance.now() - sentAt).toBeLessThan(1_000);
  expect(received.items).toEqual(["a 1"]);
});

test("closing the client ends the poll that is held and the stream that is tried", { timeout: 20_000 }, async () => {
  start(25_000);
  await carriedBy("polling");
  publish();
  const streams = () => proxy.accepts.filter((accept) => accept === "text/event-stream").length;
  await until({ get: streams, subscribe: poll }, (count) => count >= 3, "a stream that is tried");
  stopPublishing();
  client.close();
  const none = { get: () => hub.stats().connections + proxy.openStreams(), subscribe: poll };
  await until(none, (count) => count === 0, "nothing open");
  const { length } = proxy.accepts;
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(proxy.accepts).toHaveLength(length);
});

test("a client that was away while events were trimmed is told of the loss by a poll, once", {
  timeout: 20_000,
}, async () => {
  start(25_000, 100);
  await carriedBy("polling");
  client.pause();
  for (let count = 0; count < 150; count++) await hub.publish("a", count);
  client.resume();
  await until(client.channel("a").gap, (gap) => gap !== null);
  expect(client.status.get()).toMatchObject({ transport: "polling", resume: { type: "gap", reason: "trimmed" } });
  expect(client.channel("b").gap.get()).toBeNull();
  await hub.publish("a", 150);
  await more(1 - received.items.length);
  expect(received.items).toEqual(["a 150"]);
});

/** For what does not tell when it changes. */
function poll(look: () => void) {
  const timer = setInterval(look, 10);
  return () => clearInterval(timer);
}
