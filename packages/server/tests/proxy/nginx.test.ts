import { EventSource } from "eventsource";
import { afterEach, expect, it, vi } from "vitest";
import { createHub, type Hub, type HubOptions } from "../../src/index.ts";
import { callHttp1, type Reply } from "../support/exchange.ts";
import { cleanUp, onCleanUp } from "../support/live-server.ts";
import { mount } from "../support/mounts.ts";
import { startNginx } from "../support/nginx.ts";

afterEach(cleanUp);

/* nginx with nothing but `proxy_pass`, in front of the example for node:http. It takes real time by its nature. */

const READ_TIMEOUT_MS = 1_500;
const JSON_ONLY = { accept: "application/json" };

async function serve(options: HubOptions = {}) {
  const hub: Hub = createHub({ epoch: "epoch0", heartbeatMs: 500, retryMs: [50, 50], ...options });
  const { url } = await mount("node:http", hub);
  const proxied = `${await startNginx(new URL(url).origin, READ_TIMEOUT_MS)}/events`;
  return { hub, url: proxied, send: callHttp1(proxied) };
}

const soon = (check: () => void) => vi.waitFor(check, { interval: 5, timeout: 5_000 });
const seen = (reply: Reply, text: string) => soon(() => expect(reply.seen()).toContain(text));
const parsed = async (reply: Reply): Promise<Record<string, unknown>> => JSON.parse(await reply.text);

// SPEC 124
it("cuts a stream without heartbeats at its time-out", async () => {
  const { hub, send } = await serve({ heartbeatMs: null });
  const startedAt = performance.now();
  const reply = await send().reply;
  await seen(reply, "sse.hello");
  await expect(reply.text).rejects.toThrow();
  expect(performance.now() - startedAt).toBeGreaterThan(READ_TIMEOUT_MS - 100);
  await soon(() => expect(hub.connectionCount).toBe(0));
});

// SPEC 124
it("passes the first bytes and each event at once", async () => {
  const { hub, send } = await serve();
  const startedAt = performance.now();
  const reply = await send({ headers: { "accept-encoding": "gzip" } }).reply;
  await seen(reply, "sse.hello");
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  for (let count = 1; count <= 5; count++) {
    await hub.publish("news", count);
    await seen(reply, `data: ${count}\n`);
  }
  // The proxy needs it for itself and does not pass it on.
  expect(reply.headers).not.toHaveProperty("x-accel-buffering");
});

// SPEC 124
it("keeps a quiet stream open as long as there are heartbeats", async () => {
  const { hub, send } = await serve();
  const reply = await send().reply;
  const needed = Math.ceil((READ_TIMEOUT_MS * 2.5) / 500);
  await vi.waitFor(() => expect(reply.parse().comments.length).toBeGreaterThanOrEqual(needed), 15_000);
  await hub.publish("news", "still there");
  await seen(reply, "still there");
  expect(hub.stats()).toMatchObject({ connections: 1, connects: 1 });
});

// SPEC 124
it("cuts and cuts, and an EventSource loses nothing", async () => {
  const { hub, url } = await serve({ heartbeatMs: null });
  const source = new EventSource(`${url}?channels=news`);
  onCleanUp(() => source.close());
  const received: string[] = [];
  source.addEventListener("news", ({ data }) => received.push(data));
  const expected: string[] = [];
  const publish = () => hub.publish("news", expected.push(`${expected.length + 1}`));
  for (let cuts = 0; cuts < 2; cuts++) {
    await soon(() => expect(hub.connectionCount).toBe(1));
    await publish();
    await soon(() => expect(received).toEqual(expected));
    await soon(() => expect(hub.stats().closes.client).toBe(cuts + 1));
    await publish();
    await soon(() => expect(received).toEqual(expected));
  }
});

// SPEC 124
it("passes changes of channels and polls", async () => {
  const { hub, send } = await serve();
  const stream = await send({ query: "?channels=a" }).reply;
  await seen(stream, "sse.hello");
  const { conn } = stream.parse().events[0]!.json as { conn: string };
  const body = JSON.stringify({ conn, subscribe: ["b"] });
  const change = await send({ method: "POST", headers: JSON_ONLY, body }).reply;
  expect([change.status, await parsed(change)]).toEqual([200, { channels: ["a", "b"], rejected: [] }]);
  await hub.publish("b", 1);
  await seen(stream, "event: b\n");
  const poll = await send({ headers: { ...JSON_ONLY, "last-event-id": "epoch0.0" } }).reply;
  expect(await parsed(poll)).toMatchObject({ events: [{ event: "b", data: "1" }], id: "epoch0.1" });
  const held = send({ headers: { ...JSON_ONLY, "last-event-id": "epoch0.1" } });
  await soon(() => expect(hub.stats().connections).toBe(1));
  await hub.publish("b", 2);
  expect(await parsed(await held.reply)).toMatchObject({ events: [{ data: "2" }], id: "epoch0.2" });
});

// SPEC 124
it("tells the server at once that a client has left", async () => {
  const { hub, send } = await serve();
  const stream = send();
  await seen(await stream.reply, "sse.hello");
  stream.abort();
  await soon(() => expect(hub.connectionCount).toBe(0));
});
