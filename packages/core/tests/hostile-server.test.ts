import { createFakeEnvironment } from "test-kit/fake-environment";
import {
  type Exchange,
  type ExchangeHandler,
  type ScriptedServer,
  startScriptedServer,
} from "test-kit/scripted-server";
import { until } from "test-kit/until";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ClientOptions, createSSEClient, type SSEError } from "../src/index.ts";

/*
 * How often a server is asked that behaves badly, over real sockets. Time is the test's: every wait that ends within
 * 6.5 s is skipped, so that what is seen is what the server would see in that time.
 */

const WINDOW_MS = 6_500;

let servers: ScriptedServer[];
let server: ScriptedServer;
let clients: { close(): void }[];
beforeEach(async () => {
  server = await startScriptedServer();
  servers = [server];
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.close();
  for (const each of servers) await each.close();
});

/** Lets a client have its 6.5 s with a server that answers so, and says what it has done and when. */
async function watch(handler: ExchangeHandler, options: Partial<ClientOptions> = {}, path = "/events") {
  const environment = createFakeEnvironment({ fetch: globalThis.fetch });
  environment.setRandom(0.5);
  const asked: number[] = [];
  server.on(path, (exchange) => {
    asked.push(environment.now());
    return handler(exchange);
  });
  const errors: SSEError[] = [];
  const client = createSSEClient({
    url: `${server.url}${path}`,
    environment,
    onError: (error) => errors.push(error),
    ...options,
  });
  clients.push(client);
  const heard: unknown[] = [];
  client.channel("message").on(({ data }) => heard.push(data));
  for (;;) {
    const { nextRetryAt, status } = await until(
      client.status,
      ({ status, nextRetryAt }) => status === "closed" || status === "open" || nextRetryAt !== null,
    );
    if (status === "open") await until(client.status, (state) => state.status !== "open");
    else if (nextRetryAt === null || nextRetryAt > WINDOW_MS) break;
    else environment.clock.advance(nextRetryAt - environment.now());
  }
  return { state: client.status.get(), asked, errors, heard, environment, client };
}

const answer =
  (status: number, headers: Record<string, string> = {}, body = ""): ExchangeHandler =>
  ({ response }) =>
    void response.writeHead(status, headers).end(body);

/** Says this and breaks the connection; afterwards nothing more is wanted. */
const breaking =
  (text: string): ExchangeHandler =>
  async ({ visit, sse, write, destroy, response }: Exchange) => {
    if (visit > 1) return void response.writeHead(204).end();
    sse();
    await write(text);
    destroy();
  };

// SPEC 21
describe("is asked once", () => {
  test.each([
    ["204", answer(204), "server", "http"],
    ["205", answer(205), "error", "http"],
    ["206", answer(206, { "content-type": "text/event-stream" }, "data: 1\n\n"), "error", "http"],
    ["304", answer(304), "error", "http"],
    ["404", answer(404), "error", "http"],
    ["410", answer(410), "error", "http"],
    ["200 with a page", answer(200, { "content-type": "text/html" }, "<h1>Log in</h1>"), "error", "content-type"],
    ["200 without a type", answer(200, {}, "data: 1\n\n"), "error", "content-type"],
    ["401", answer(401), "unauthorized", "unauthorized"],
    ["403", answer(403), "unauthorized", "unauthorized"],
    ["a redirect without an address", answer(302), "error", "http"],
  ])("a server that answers %s", async (_, handler, reason, code) => {
    const { state, asked, errors, heard, environment } = await watch(handler);
    expect(state).toMatchObject({ status: "closed", reason, cause: { code } });
    expect({ asked, errors: errors.length, heard }).toEqual({ asked: [0], errors: 1, heard: [] });
    environment.flush();
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });

  test("and what it said is quoted", async () => {
    const page = `<h1>${"\u00E9".repeat(500)}</h1>`;
    const { state } = await watch(answer(200, { "content-type": "text/html" }, page));
    expect(state.cause).toMatchObject({ status: 200, body: page.slice(0, 200) });
  });
});

// SPEC 20
describe("is asked again", () => {
  test("after a 401, once, when there is a refresh", async () => {
    const onUnauthorized = vi.fn();
    const { state, asked } = await watch(answer(401), { onUnauthorized });
    expect(state).toMatchObject({ status: "closed", reason: "unauthorized" });
    expect(asked).toEqual([0, 0]);
    expect(onUnauthorized).toHaveBeenCalledOnce();
  });

  test.each([408, 425, 429, 500, 502, 503, 504])("ever more rarely while it answers %i", async (status) => {
    const { state, asked, errors } = await watch(answer(status));
    // Half of 2 s, 4 s and 8 s: with a chance of 0.5 each wait is half of its bound.
    expect(asked).toEqual([0, 1_000, 3_000]);
    expect(errors).toHaveLength(3);
    expect(state).toMatchObject({ status: "reconnecting", attempt: 3, nextRetryAt: 7_000 });
  });

  test("not before its Retry-After", async () => {
    const { asked } = await watch(answer(503, { "retry-after": "3" }));
    expect(asked).toEqual([0, 4_000]);
    const instant = await watch(answer(503, { "retry-after": "3" }), { retry: { baseMs: 0 } }, "/other");
    expect(instant.asked).toEqual([0, 3_000, 6_000]);
  });

  test("with the same backoff when it opens streams and drops them", async () => {
    const { asked, errors } = await watch(async ({ sse, destroy }) => {
      sse();
      await new Promise(setImmediate);
      destroy();
    });
    expect(asked).toEqual([0, 1_000, 3_000]);
    expect(errors.map(({ code }) => code)).toEqual(["network", "network", "network"]);
  });

  test("with the same backoff when it redirects in circles", async () => {
    const { state, asked } = await watch(answer(302, { location: "/events" }));
    expect(state).toMatchObject({ status: "reconnecting", cause: { code: "network" } });
    // Each attempt follows 20 redirects and then fails.
    expect([...new Set(asked)]).toEqual([0, 1_000, 3_000]);
  });

  test("no sooner because its goodbye is nonsense", async () => {
    for (const [path, retryMs] of Object.entries({ "/a": "-5000", "/b": '"soon"', "/c": "null", "/d": '{"a":1}' })) {
      const bye = `event: sse.bye\ndata: {"reason":"shutdown","retryMs":${retryMs}}\n\n`;
      const { asked } = await watch(
        async ({ sse, write }) => {
          sse();
          await write(bye);
        },
        {},
        path,
      );
      expect(asked).toEqual([0, 1_000, 3_000]);
    }
  });
});

// SPEC 8, 51
describe("is told the position", () => {
  test.each([
    ["of the last event, as its bytes", "id: €7\ndata: 1\n\n", "e282ac37"],
    ["of a block without data", "id: 9\n\n", "39"],
    ["of the last whole block", "id: 1\ndata: 1\n\nid: 2\ndata: 2\n", "31"],
    ["again with every stream", "id: 1\ndata: 1\n\ndata: 2\n\n", "31"],
    ["and none when it took it back", "id: 1\ndata: 1\n\nid\n\n", undefined],
    ["and none from an id with NUL", "id: 1\u00002\ndata: 1\n\n", undefined],
  ])("%s", async (_, text, expected) => {
    const { state } = await watch(breaking(text));
    expect(state).toMatchObject({ status: "closed", reason: "server" });
    expect(server.requests.map(({ lastEventIdBytes }) => lastEventIdBytes?.toString("hex"))).toEqual([
      undefined,
      expected,
    ]);
  });
});

// SPEC 21
test("a redirect to another origin loses the credentials, which shows as a refusal and not as a loop", async () => {
  const other = await startScriptedServer();
  servers.push(other);
  other.on("/events", (exchange) => answer(exchange.header("authorization") ? 204 : 401)(exchange));
  const { state, asked } = await watch(answer(307, { location: `${other.url}/events` }), {
    headers: { authorization: "Bearer x" },
    onUnauthorized: () => {},
  });
  expect(state).toMatchObject({ status: "closed", reason: "unauthorized", cause: { status: 401 } });
  expect(asked).toEqual([0, 0]);
});
