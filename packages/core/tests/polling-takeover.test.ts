import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSSEClient, dynamic } from "../src/index.ts";
import { polling } from "../src/polling/index.ts";
import { createFakeServer } from "../src/testing/index.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A client with dynamic() that polls, as bytes of streams and changes of channels are held back until told otherwise. */
async function setUp() {
  const server = createFakeServer({ heartbeatMs: null });
  server.setRandom(0);
  const { environment } = server;
  let isHeldBack = true;
  let answerChange = (_: Response) => {};
  const holdStream = ({ signal }: RequestInit) => {
    const body = new ReadableStream({
      start: (controller) => signal?.addEventListener("abort", () => controller.error(signal.reason)),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    if (!isHeldBack) return environment.fetch(input, init);
    if (init.method === "POST") return new Promise((resolve) => (answerChange = resolve));
    if (new Headers(init.headers).get("accept") === "text/event-stream") return holdStream(init);
    return environment.fetch(input, init);
  };
  const client = createSSEClient({
    url: "http://host.test/events",
    environment: { ...environment, fetch },
    subscription: dynamic(),
    fallback: polling({ returnMs: 10_000 }),
  });
  client.channel("a").on(() => {});
  await server.advance(21_000);
  expect(client.status.get().transport).toBe("polling");
  return {
    ...server,
    client,
    pass: () => {
      isHeldBack = false;
    },
    answerChange: (response: Response) => answerChange(response),
  };
}

// SPEC 95
test("a channel that is added as a stream takes over from polls is carried, whatever becomes of the change under way", async () => {
  const { client, advance, publish, pass, answerChange } = await setUp();
  await advance(7_500);
  const received: unknown[] = [];
  client.channel("b").on(({ data }) => received.push(data));
  await advance(100);
  pass();
  await advance(3_000);
  expect(client.status.get().transport).toBe("fetch");
  answerChange(new Response('{"error":"unknown-conn"}', { status: 409 }));
  await advance(20_000);
  await publish("b", 1);
  await advance(1_000);
  expect(received).toEqual([1]);
});
