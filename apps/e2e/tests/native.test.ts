import { createRequire } from "node:module";
import { createSSEClient, defineChannels, type SSEClient, type SSEError, type } from "@x/sse-core";
import { native } from "@x/sse-core/native";
import { createHub } from "@x/sse-server";
import { type ChaosProxy, createChaosProxy } from "@x/sse-server/testing";
import { createRecorder, type Recorder, until } from "test-kit/until";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type HubServer, startHubServer } from "./support/hub-server.ts";

/* A hub and the native transport on sockets, with the EventSource for Node.js that the benchmark compares with. */

const { resolve } = createRequire(new URL("../../bench/package.json", import.meta.url));
const { EventSource }: { EventSource: typeof globalThis.EventSource } = await import(resolve("eventsource"));

const channels = defineChannels({ a: type<number>(), b: { event: "bee" } });

const startHub = () => createHub({ channels: { a: {}, b: { event: "bee" } }, retryMs: [0, 0], heartbeatMs: 50 });

let server: HubServer;
let link: ChaosProxy;
let hub: ReturnType<typeof startHub>;
let client: SSEClient<{ a: number; b: unknown }>;
let received: Recorder<string>;
let errors: SSEError[];
let urls: string[];
let isRefusing: boolean;

beforeEach(async () => {
  server = await startHubServer();
  link = await createChaosProxy({ target: server });
  hub = startHub();
  urls = [];
  errors = [];
  isRefusing = false;
  server.handle((request, response) => {
    urls.push(`${request.url}`);
    if (isRefusing) response.writeHead(503).end();
    else hub.node(request, response);
  });
  received = createRecorder();
  client = createSSEClient({
    url: `${link.url}/events?channels=a,b`,
    channels,
    transport: native({ EventSource }),
    retry: { baseMs: 20, capMs: 40 },
    onError: (error) => errors.push(error),
    environment: { isServer: false },
  });
  for (const name of ["a", "b"] as const) client.channel(name).on(({ data }) => received.add(`${name} ${data}`));
});
afterEach(async () => {
  client.close();
  await hub.close({ spreadMs: 0 });
  await link.close();
  await server.close();
});

const opened = () => until(client.status, ({ status }) => status === "open");
const count = (wanted: number) => until(received, ({ length }) => length >= wanted, `${wanted} messages`);

// SPEC 96
test("messages missed while the connection was cut follow, by a position in the query, each once", async () => {
  await opened();
  const expected: string[] = [];
  for (let round = 1; round <= 5; round++) {
    await hub.publish("a", round);
    expected.push(`a ${round}`);
    await count(expected.length);
    link.drop();
    await until(client.status, ({ status }) => status === "reconnecting");
    await hub.publish("b", round);
    await hub.publish("a", -round);
    expected.push(`b ${round}`, `a ${-round}`);
    await count(expected.length);
  }
  expect(received.items).toEqual(expected);
  await until(client.status, ({ resume }) => resume?.type === "replayed");
  expect(client.stats.get()).toMatchObject({ duplicates: 0, gaps: 0 });
  expect(client.status.get().transport).toBe("native");
  const last = new URLSearchParams(urls.at(-1)?.split("?")[1]);
  expect(last.getAll("lastEventId")).toHaveLength(1);
  expect(last.get("channels")).toBe("a,b");
  expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["network"]));
});

test("a server that answers 503 for a while is come back to", async () => {
  await opened();
  await hub.publish("a", 1);
  await count(1);
  isRefusing = true;
  link.drop();
  const refused = { get: () => errors.filter(({ message }) => message.includes("refused")).length, subscribe: poll };
  await until(refused, (times) => times >= 3, "three refusals");
  await hub.publish("a", 2);
  isRefusing = false;
  await count(2);
  expect(received.items).toEqual(["a 1", "a 2"]);
});

test("a quiet stream whose heartbeats cannot be seen stays open", async () => {
  await opened();
  await new Promise((done) => setTimeout(done, 300));
  expect(client.status.get()).toMatchObject({ status: "open", stale: false });
  expect(urls).toHaveLength(1);
});

test("closing the client ends the connection", async () => {
  await opened();
  client.close();
  await until({ get: () => hub.stats().connections, subscribe: poll }, (open) => open === 0, "no connection");
});

/** For what does not tell when it changes. */
function poll(look: () => void) {
  const timer = setInterval(look, 10);
  return () => clearInterval(timer);
}
