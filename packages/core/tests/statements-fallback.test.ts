import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSSEClient } from "../src/index.ts";
import { polling } from "../src/polling/index.ts";
import { createFakeServer } from "../src/testing/index.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

// SPEC 98
test("what is told of the connection when streams are held back, and get through again", async () => {
  const server = createFakeServer({ heartbeatMs: null });
  server.setRandom(0);
  let isHeldBack = true;
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const isStream = new Headers(init.headers).get("accept") === "text/event-stream";
    const response = await server.environment.fetch(input, init);
    if (!isStream || !isHeldBack) return response;
    // Headers pass, bytes do not.
    const body = new ReadableStream({
      start: (controller) => init.signal?.addEventListener("abort", () => controller.error(init.signal?.reason)),
    });
    return new Response(body, { headers: response.headers });
  };
  const client = createSSEClient({
    url: "/events",
    environment: { ...server.environment, fetch },
    fallback: polling(),
  });
  const told: string[] = [];
  client.on("connected", ({ transport }) => told.push(`connected by ${transport}`));
  client.on("disconnected", ({ status }) => told.push(`disconnected, ${status}`));
  client.on("reconnecting", ({ attempt }) => told.push(`reconnecting ${attempt}`));
  client.on("error", ({ code }) => told.push(`error ${code}`));
  client.on("message", ({ data }) => told.push(`message ${data}`));

  client.channel("a").on(() => {});
  await server.advance(20_000);
  await server.publish("a", 1);
  await server.advance(5_000);
  expect(told).toEqual([
    "reconnecting 1",
    "error timeout",
    "reconnecting 2",
    "error timeout",
    "connected by polling",
    "message 1",
  ]);

  told.length = 0;
  isHeldBack = false;
  await server.advance(120_000);
  await server.publish("a", 2);
  expect(client.status.get()).toMatchObject({ status: "open", transport: "fetch" });
  // The connection was never gone, so nothing is told of the change; the state shows it.
  expect(told).toEqual(["message 2"]);
  client.close();
  expect(told).toEqual(["message 2", "disconnected, closed"]);
  expect(server.leaks()).toMatchObject({ timers: 0, listeners: 0, streams: 0 });
});
