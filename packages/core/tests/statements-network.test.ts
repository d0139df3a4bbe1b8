import { describe, expect, test, vi } from "vitest";
import { createSSEClient, type SSEError } from "../src/index.ts";
import { native } from "../src/native/index.ts";
import { createFakeEventSource, createFakeServer, createFakeSource } from "../src/testing/index.ts";
import { createTestClient, frame, hello } from "./support/test-client.ts";

const noop = () => {};

/** Headers that a script may send to another origin without a preflight (Fetch, CORS-safelisted request-header). */
const SAFELISTED = ["accept", "accept-language", "content-language", "content-type", "range"];

// SPEC 8
describe("a request to another origin", () => {
  test.each([
    ["query", "https://other.test/events?lastEventId=7", null, true],
    ["header", "https://other.test/events", "7", false],
  ] as const)("that resumes by %s", async (resumeBy, url, header, isSimple) => {
    const { client, open, settle } = createTestClient({ url: "https://other.test/events", resumeBy });
    client.channel("message").on(noop);
    const first = await open();
    const needsNoPreflight = ({ method, headers }: typeof first) =>
      method === "GET" && [...headers.keys()].every((name) => SAFELISTED.includes(name));
    expect(needsNoPreflight(first)).toBe(true);
    first.push("id: 7\ndata: 1\n\n");
    await settle();
    client.reconnect();
    const second = await open();
    expect(second.url).toBe(url);
    expect(second.headers.get("last-event-id")).toBe(header);
    expect(needsNoPreflight(second)).toBe(isSimple);
    client.close();
  });
});

// SPEC 46
describe("something in between that cuts streams", () => {
  test("every 30 s, as some service workers do, is survived for an hour: no message is lost and no failure adds up", async () => {
    const server = createFakeServer({ heartbeatMs: 15_000 });
    const client = createSSEClient({ url: "/events", environment: server.environment, retry: { maxAttempts: 1 } });
    const channel = client.channel("a");
    const received: unknown[] = [];
    const attempts = new Set<number>();
    const shown = new Set<SSEError | null>();
    channel.on(({ data }) => received.push(data));
    client.status.subscribe(() => attempts.add(client.status.get().attempt));
    channel.view.subscribe(() => shown.add(channel.view.get().error));
    await server.settle();
    let published = 0;
    for (let cut = 0; cut < 100; cut++) {
      await server.publish("a", published++);
      await server.advance(30_000);
      await server.drop();
      await server.publish("a", published++);
      await server.advance(5_000);
      expect(client.status.get()).toMatchObject({ status: "open", attempt: 0, cause: null });
    }
    expect(received).toEqual(Array.from({ length: published }, (_, index) => index));
    expect([...attempts].sort()).toEqual([0, 1]);
    expect([...shown]).toEqual([null]);
    expect(channel.gap.get()).toBeNull();
    client.close();
  });

  test("and answers 503 by itself while there is no network does not use up the attempts", async () => {
    const source = createFakeSource();
    const client = createSSEClient({ url: "/events", environment: source.environment, retry: { maxAttempts: 1 } });
    const { view } = client.channel("a");
    view.subscribe(noop);
    await source.open();
    await source.emit({ event: "a", id: "1", data: 1 });
    await source.goOffline();
    await source.drop();
    await source.status(503, { times: 5 });
    expect(client.status.get()).toMatchObject({ status: "reconnecting", attempt: 0, offline: true });
    expect(view.get().error).toBeNull();
    await source.goOnline();
    await source.open();
    expect(source.requests.at(-1)?.lastEventId).toBe("1");
    expect(client.status.get()).toMatchObject({ status: "open", offline: false });
    client.close();
  });
});

// SPEC 23
test.each(["shutdown", "max-age", "slow", "limit", "of another day"])(
  "a goodbye for the reason %s is waited out as the server said, with jitter, and connect() does not shorten it",
  async (reason) => {
    const { client, environment, open, settle } = createTestClient();
    environment.setRandom(0.5);
    client.channel("message").on(noop);
    (await open()).push(frame("sse.bye", { reason, retryMs: 4_000 }));
    await settle();
    expect(client.status.get()).toMatchObject({ status: "reconnecting", nextRetryAt: 5_000 });
    client.connect();
    expect(client.status.get()).toMatchObject({ status: "reconnecting", nextRetryAt: 4_000 });
    client.close();
  },
);

// SPEC 96
test("a stream read by EventSource that has expired renews credentials, as the server says so itself", async () => {
  const fake = createFakeEventSource();
  const { environment, settle } = createFakeSource();
  const onUnauthorized = vi.fn();
  const client = createSSEClient({
    url: "https://host.test/events",
    environment,
    onUnauthorized,
    transport: native({ EventSource: fake.EventSource }),
  });
  client.channel("message").on(noop);
  await settle();
  fake.open();
  fake.emit({ event: "sse.bye", data: { reason: "expired" } });
  await settle();
  expect(onUnauthorized).toHaveBeenCalledOnce();
  expect(fake.requests).toHaveLength(2);
  client.close();
});

// SPEC 24
test("saying hello proves nothing: a server that greets and drops at once is come back to ever later", async () => {
  const { client, environment, open, settle } = createTestClient();
  environment.setRandom(0.5);
  client.channel("message").on(noop);
  const waits: number[] = [];
  for (let time = 0; time < 4; time++) {
    const request = await open();
    request.push(hello());
    await settle();
    request.breakBody();
    await settle();
    const { attempt, nextRetryAt } = client.status.get();
    expect(attempt).toBe(time + 1);
    waits.push(nextRetryAt! - environment.now());
    await environment.clock.advanceAsync(waits.at(-1)!);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
  client.close();
});

// SPEC 5
test("closed by one handler of a message, the others still get that message and nothing after it", async () => {
  const { client, open, settle } = createTestClient();
  const heard: string[] = [];
  const channel = client.channel("message");
  channel.on(({ data }) => {
    heard.push(`first ${data}`);
    client.close();
  });
  channel.on(({ data }) => heard.push(`second ${data}`));
  (await open()).push("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n");
  await settle();
  expect(heard).toEqual(["first 1", "second 1"]);
  expect(client.status.get().lastEventId).toBe("1");
});
