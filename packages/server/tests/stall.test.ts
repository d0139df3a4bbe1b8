import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server, type Http2ServerResponse } from "node:http2";
import { type AddressInfo, connect as connectTcp } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { HubOptions } from "../src/index.ts";
import { changeRequest, createFakeResponse, pollRequest, streamRequest } from "./support/fake-response.ts";
import { cleanUp, listen, onCleanUp } from "./support/live-server.ts";
import { createTestHub, settle } from "./support/test-hub.ts";

afterEach(cleanUp);

const STALL_MS = 8_000;
const slow = { stallMs: STALL_MS, maxBufferedBytes: 50_000_000 };

/** A hub that answers a poll from the start with this many events of 50 kB. */
function createFullHub(events: number, options: HubOptions = {}) {
  const test = createTestHub({ slow, history: { size: 1_000, bytes: 100_000_000 }, ...options });
  for (let index = 0; index < events; index++) void test.hub.publish("a", "x".repeat(50_000));
  test.environment.endTick();
  return test;
}

function stalled() {
  const res = createFakeResponse();
  res.stalled = true;
  return res;
}

describe("an answer whose peer takes nothing", () => {
  // SPEC 133
  it.each<
    [string, (hub: ReturnType<typeof createFullHub>["hub"], res: ReturnType<typeof stalled>) => void, HubOptions]
  >([
    ["small poll", (hub, res) => hub.node(pollRequest(), res), {}],
    ["large poll", (hub, res) => hub.node(pollRequest("", "epoch0.0"), res), {}],
    ["change", (hub, res) => hub.node(changeRequest({ conn: "x" }), res), {}],
    ["refusal", (hub, res) => hub.node(streamRequest(), res), { authorize: () => null }],
    ["response", (hub, res) => hub.node(streamRequest(), res), { authorize: () => new Response("x") }],
    [
      "large response",
      (hub, res) => hub.node(streamRequest(), res),
      { authorize: () => new Response("x".repeat(200_000)) },
    ],
  ])("is dropped after a while: %s", async (_, ask, options) => {
    const { hub, environment } = createFullHub(10, options);
    const [res, other] = [stalled(), stalled()];
    for (const each of [res, other]) ask(hub, each);
    await settle();
    expect(environment.pending).toBe(1);
    environment.advance(STALL_MS - 1);
    expect([res.destroyed, other.destroyed]).toEqual([false, false]);
    environment.advance(3_000);
    expect([res.destroyed, other.destroyed]).toEqual([true, true]);
    await settle();
    expect([res.listeners, other.listeners, environment.pending]).toEqual([0, 0, 0]);
    expect(hub.stats()).toMatchObject({ connections: 0, slowDisconnects: 0 });
  });

  // SPEC 133
  it.each<[string, HubOptions]>([
    ["poll", {}],
    ["response", { authorize: () => new Response("x".repeat(500_000)) }],
  ])("in time is sent to its end: %s", async (_, options) => {
    const { hub, environment } = createFullHub(10, options);
    const res = stalled();
    hub.node(pollRequest("", "epoch0.0"), res);
    await settle();
    for (let count = 0; !res.ended; count++) {
      expect(count).toBeLessThan(20);
      environment.advance(STALL_MS - 1_000);
      expect(res.writes.length).toBe(count + 1);
      res.drain();
      res.stalled = true;
      await settle();
    }
    environment.advance(STALL_MS - 1_000);
    res.drain();
    expect([res.destroyed, res.listeners, environment.pending]).toEqual([false, 0, 0]);
    expect(Math.max(...res.writes.map(({ byteLength }) => byteLength))).toBe(65_536);
    if (options.authorize) expect(res.text).toBe("x".repeat(500_000));
    else expect(JSON.parse(res.answer)).toMatchObject({ events: { length: 10 }, id: "epoch0.a" });
  });

  // SPEC 133
  it("costs no timer where it is taken at once", () => {
    const { hub, environment } = createFullHub(10);
    const res = createFakeResponse();
    hub.node(pollRequest("", "epoch0.0"), res);
    expect([res.ended, res.headers.get("content-length")]).toEqual([true, String(res.text.length)]);
    expect([environment.pending, environment.maxTimers]).toEqual([0, 1]);
    const small = createFullHub(0);
    small.hub.node(pollRequest(), createFakeResponse());
    expect(small.environment.maxTimers).toBe(0);
  });

  // SPEC 55, 133
  it("leaves nothing when it cannot be written half-way", async () => {
    const { hub, environment } = createFullHub(10);
    const res = stalled();
    hub.node(pollRequest("", "epoch0.0"), res);
    res.write = () => {
      throw new Error("gone");
    };
    // A real one tells of its end later.
    res.destroy = () => {
      res.destroyed = true;
    };
    res.drain();
    await settle();
    expect([res.destroyed, res.listeners, environment.pending]).toEqual([true, 0, 0]);
  });

  // SPEC 133
  it.each<[string, HubOptions]>([
    ["poll", {}],
    ["response", { authorize: () => new Response(new Uint8Array(40_000_000)) }],
  ])("is dropped with its socket, over HTTP/1: %s", async (_, options) => {
    const { hub, environment } = createFullHub(800, options);
    let answer: ServerResponse | undefined;
    const url = await listen(
      createServer((req, res) => {
        answer = res;
        hub.node(req, res);
      }),
    );
    const socket = connectTcp(Number(new URL(url).port), "127.0.0.1");
    onCleanUp(() => socket.destroy());
    socket.on("error", () => {});
    socket.pause();
    socket.write("GET / HTTP/1.1\r\nhost: x\r\naccept: application/json\r\nlast-event-id: epoch0.0\r\n\r\n");
    await vi.waitFor(() => expect(answer?.writableLength).toBeGreaterThan(0));
    const { socket: own } = answer!;
    const closed = once(own!, "close");
    await untilAtRest(() => own!.bytesWritten);
    environment.advance(STALL_MS + 3_000);
    await closed;
    await vi.waitFor(() => expect([answer!.destroyed, environment.pending]).toEqual([true, 0]));
  });

  // SPEC 133
  it.each<[string, HubOptions]>([
    ["poll", {}],
    ["response", { authorize: () => new Response(new Uint8Array(4_000_000)) }],
  ])("is dropped alone, over HTTP/2: %s", async (_, options) => {
    const { hub, environment } = createFullHub(80, options);
    let answer: Http2ServerResponse | undefined;
    const server = createHttp2Server((req, res) => {
      answer = res;
      hub.node(req, res);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onCleanUp(() => server.close());
    onCleanUp(() => session.destroy());
    const request = session.request({ accept: "application/json", "last-event-id": "epoch0.0" });
    request.on("error", () => {});
    request.pause();
    await vi.waitFor(() => expect(answer?.writableLength).toBeGreaterThan(0));
    const { stream } = answer!;
    await untilAtRest(() => stream.bufferSize);
    const closed = new Promise((resolve) => stream.on("close", resolve));
    environment.advance(STALL_MS + 3_000);
    await closed;
    await vi.waitFor(() => expect(environment.pending).toBe(0));
    expect(session.destroyed).toBe(false);
  });
});

/** Resolves once a figure stands still. */
async function untilAtRest(read: () => number): Promise<void> {
  let before = Number.NaN;
  let turns = 0;
  while (turns < 20) {
    await settle();
    turns = read() === before ? turns + 1 : 0;
    before = read();
  }
}
