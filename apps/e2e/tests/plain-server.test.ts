import { createSSEClient, type SSEClient, type SSEMessage } from "@x/sse-core";
import { createFakeEnvironment, type FakeEnvironment } from "test-kit/fake-environment";
import { type Exchange, type ScriptedServer, startScriptedServer } from "test-kit/scripted-server";
import { createRecorder, type Recorder, until } from "test-kit/until";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/* A server that has never heard of PROTOCOL.md: no hello, ids of its own making, no heartbeats. */

let server: ScriptedServer;
let environment: FakeEnvironment;
let client: SSEClient<Record<string, unknown>>;
let received: Recorder<SSEMessage>;
let exchanges: Recorder<Exchange>;

beforeEach(async () => {
  server = await startScriptedServer();
  exchanges = createRecorder();
  server.on("/events", (exchange) => {
    exchange.sse();
    exchanges.add(exchange);
  });
  environment = createFakeEnvironment({ fetch });
  environment.setRandom(0);
  client = createSSEClient<Record<string, unknown>>({ url: `${server.url}/events`, environment });
  received = createRecorder();
  for (const name of ["message", "price", "sse.custom"]) client.channel(name).on(received.add);
});
afterEach(async () => {
  client.close();
  await server.close();
});

const count = (wanted: number) => until(received, ({ length }) => length >= wanted, `${wanted} messages`);
/** The stream of the given visit, once the client has it open. */
async function stream(visit: number): Promise<Exchange> {
  await until(exchanges, ({ length }) => length >= visit, `request ${visit}`);
  await until(client.status, ({ status }) => status === "open");
  return exchanges.items[visit - 1]!;
}
/** Has the client reconnect after the stream has ended. */
async function next(visit: number): Promise<Exchange> {
  await until(client.status, ({ nextRetryAt }) => nextRetryAt !== null);
  environment.clock.advance(environment.clock.nextDueIn() ?? 0);
  return stream(visit);
}
const dataOf = () => received.items.map(({ data }) => data);

// SPEC 44
describe("a plain server", () => {
  test("is open from its head on, before any byte of the body", async () => {
    await stream(1);
    expect(client.status.get()).toMatchObject({ status: "open", resume: null, lastEventId: "" });
  });

  test("is read: types, JSON, text and ids", async () => {
    const { write } = await stream(1);
    await write('data: plain text\n\nevent: price\nid: x\ndata: {"p":1}\n\nevent: unheard\ndata: 1\n\nid: y\n\n');
    await write("data: [1,2]\n\n");
    await count(3);
    const seen = received.items.map(({ channel, event, data, id, lastEventId, replayed }) => {
      return { channel, event, data, id, lastEventId, replayed };
    });
    const common = { id: undefined, lastEventId: "", replayed: false };
    expect(seen).toEqual([
      { ...common, channel: "message", event: "message", data: "plain text" },
      { ...common, channel: "price", event: "price", data: { p: 1 }, id: "x", lastEventId: "x" },
      { ...common, channel: "message", event: "message", data: [1, 2], lastEventId: "y" },
    ]);
  });

  test("may say nothing for an hour without being asked again", async () => {
    const { write } = await stream(1);
    await write("data: before\n\n");
    await count(1);
    for (let minute = 0; minute < 60; minute++) await environment.clock.advanceAsync(60_000);
    expect(client.status.get().status).toBe("open");
    expect(server.requests).toHaveLength(1);
    await write("data: after\n\n");
    await count(2);
    expect(dataOf()).toEqual(["before", "after"]);
    expect(server.requests).toHaveLength(1);
  });

  test("may repeat an id, count down and use ids that look like positions: all is delivered", async () => {
    const { write } = await stream(1);
    const ids = ["7", "7", "6", "k3f9q2.1a", "k3f9q2.1a", "k3f9q2.19", "k3f9q2.1", "other0.5", "k3f9q2.1a"];
    for (const [index, id] of ids.entries()) await write(`id: ${id}\ndata: ${index}\n\n`);
    await count(ids.length);
    expect(received.items.map(({ id }) => id)).toEqual(ids);
    expect(dataOf()).toEqual(ids.map((_, index) => index));
    environment.flush();
    expect(client.stats.get()).toMatchObject({ duplicates: 0, gaps: 0, unknown: 0, invalid: 0 });
  });

  test("is asked to go on after its last id, whatever that looks like", async () => {
    const ids = ["41", "abc/def==;q=1", "k3f9q2.1", "{json: true}", "\u20AC7"];
    const first = await stream(1);
    await first.write("data: 0\n\n");
    first.end();
    for (const [index, id] of ids.entries()) {
      const { write, end } = await next(index + 2);
      await write(`id: ${id}\ndata: ${index + 1}\n\n`);
      end();
    }
    await next(ids.length + 2);
    const sent = server.requests.map(({ lastEventIdBytes }) => lastEventIdBytes?.toString("utf8"));
    expect(sent).toEqual([undefined, undefined, ...ids]);
    expect(dataOf()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("may send again what it sent before a break: that is its business, and all is delivered", async () => {
    const first = await stream(1);
    await first.write("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n");
    await count(2);
    first.destroy();
    const second = await next(2);
    await second.write("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\n");
    await count(5);
    expect(dataOf()).toEqual([1, 2, 1, 2, 3]);
    environment.flush();
    expect(client.stats.get().duplicates).toBe(0);
  });

  test("may take an id back, and is then asked without one", async () => {
    const first = await stream(1);
    await first.write("id: 1\ndata: 1\n\nid\ndata: 2\n\n");
    await count(2);
    first.end();
    await next(2);
    expect(server.requests[1]?.lastEventIdBytes).toBeNull();
  });

  test("may use an event name that begins with sse. for itself", async () => {
    const { write } = await stream(1);
    await write("event: sse.custom\ndata: not even JSON\n\n");
    await count(1);
    expect(dataOf()).toEqual(["not even JSON"]);
  });

  test("is not suspected of a gap when it comes back", async () => {
    const first = await stream(1);
    await first.write("id: 1\ndata: 1\n\n");
    await count(1);
    first.destroy();
    const second = await next(2);
    await second.write("id: 9\ndata: 9\n\n");
    await count(2);
    environment.flush();
    expect(client.status.get().resume).toBeNull();
    expect(client.channel("message").gap.get()).toBeNull();
  });

  test("that becomes one of the contract is followed from its hello on", async () => {
    const { write } = await stream(1);
    const hello = { conn: "c", epoch: "k3f9q2", pos: "5", heartbeatMs: null, channels: ["price"] };
    await write("id: k3f9q2.5\ndata: 1\n\nid: k3f9q2.5\ndata: 2\n\n");
    await write(`event: sse.hello\ndata: ${JSON.stringify({ ...hello, resume: "resumed", replayed: 0 })}\n\n`);
    await write("id: k3f9q2.5\ndata: 3\n\nid: k3f9q2.6\ndata: 4\n\n");
    await count(3);
    expect(dataOf()).toEqual([1, 2, 4]);
    environment.flush();
    expect(client.stats.get().duplicates).toBe(1);
  });
});
