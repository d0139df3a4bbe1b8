import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import {
  connect as connectHttp2,
  constants,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTick } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createHub, type Hub, type HubOptions } from "../src/index.ts";
import { collectGarbage } from "./support/collect-garbage.ts";
import { cleanUp, listen, onCleanUp, targets } from "./support/live-server.ts";
import { openClient, type RawClient } from "./support/raw-client.ts";
import { createTestHub } from "./support/test-hub.ts";

afterEach(cleanUp);

describe.each(["node", "fetch"] as const)("a hub behind the %s target", (target) => {
  async function serve(options: HubOptions = {}) {
    const hub: Hub = createHub({ epoch: "epoch0", ...options });
    const responses: ServerResponse[] = [];
    const server = createServer((req, res) => {
      responses.push(res);
      vi.spyOn(res, "write");
      targets[target](hub, req, res);
    });
    const url = await listen(server);
    const open = async (query = "", lastEventId?: string): Promise<RawClient> => {
      const client = await openClient(url + query, lastEventId);
      onCleanUp(client.destroy);
      return client;
    };
    return { hub, server, responses, open };
  }

  const applicationEvents = (client: RawClient) =>
    client.parse().events.filter(({ event }) => !event?.startsWith("sse."));
  const gapOf = (client: RawClient) => client.parse().events.find(({ event }) => event === "sse.gap")?.json;

  // SPEC 5, 6, 29
  it("answers with the headers of a stream and its first bytes at once", async () => {
    const { open } = await serve();
    const { response, firstByteMs, text } = await open();
    expect(response).toMatchObject({ statusCode: 200, httpVersion: "1.1" });
    expect(response.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-store, no-transform",
      "x-accel-buffering": "no",
    });
    expect(response.headers["content-length"]).toBeUndefined();
    expect(text()).toMatch(/^retry: [23]\d\d\d\n\nevent: sse\.hello\ndata: /);
    expect(firstByteMs).toBeLessThan(1_000);
  });

  // SPEC 16
  it("resumes exactly after a reconnect", async () => {
    const { hub, open } = await serve();
    const first = await open();
    await hub.publish("a", 1);
    await first.until((text) => text.includes("data: 1\n"));
    first.destroy();
    await hub.publish("a", 2);
    await hub.publish("b", 3);
    const second = await open("", first.parse().lastEventId);
    await second.until((text) => text.endsWith("\nid: epoch0.3\n\n"));
    expect(applicationEvents(second).map(({ data }) => data)).toEqual(["2", "3"]);
    expect(gapOf(second)).toBeUndefined();
  });

  // SPEC 17, 18
  it.each<[string, HubOptions, string]>([
    ["trimmed", { history: { size: 2 } }, "epoch0.0"],
    ["epoch", {}, "other1.1"],
    ["ahead", {}, "epoch0.zzz"],
    ["bad-id", {}, "not an id"],
    ["replay-limit", { replayMax: 2 }, "epoch0.0"],
    ["forgotten", { historyBytes: 100 }, "epoch0.0"],
  ])("announces a gap because of %s before live events", async (reason, options, id) => {
    const { hub, open } = await serve(options);
    for (let index = 0; index < 5; index++) await hub.publish("a", index);
    const client = await open("?channels=a", id);
    void hub.publish("a", "live");
    await client.until((text) => text.includes('"live"'));
    expect(gapOf(client)).toMatchObject({ channels: ["a"], reason, to: "epoch0.5" });
    expect(client.parse().events.map(({ event }) => event)).toEqual(["sse.hello", "sse.gap", "a"]);
  });

  // SPEC 2, 4
  it("cannot be made to send another event by data", async () => {
    const { hub, open } = await serve();
    const client = await open();
    const attacks = [
      "a\n\nevent: evil\ndata: x\n\n",
      "a\r\rid: 9\rdata: x\r\r",
      "a\r\n\r\nretry: 1\r\n\r\n",
      "\n\n",
      ": x\n",
    ];
    for (const attack of attacks) {
      void hub.publish("a", attack, { raw: true });
      void hub.publish("a", { attack });
    }
    void hub.publish("a", "end");
    await client.until((text) => text.includes('"end"'));
    const { events, retry } = client.parse();
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(["sse.hello", "a"]));
    expect(events).toHaveLength(2 + attacks.length * 2);
    expect(retry).toBeGreaterThanOrEqual(2_000);
    expect(client.text()).not.toMatch(/^(event: evil|id: 9|retry: 1)$/m);
  });

  // SPEC 24
  it("writes the events of one tick at once", async () => {
    const { hub, open, responses } = await serve();
    const client = await open();
    const before = vi.mocked(responses[0]!.write).mock.calls.length;
    for (let index = 0; index < 50; index++) void hub.publish("a", index);
    await client.until((text) => text.includes("data: 49\n"));
    expect(vi.mocked(responses[0]!.write).mock.calls.length - before).toBe(1);
  });

  // SPEC 30
  it("forgets a client that disappears, streaming or idle", async () => {
    const { hub, open } = await serve();
    const clients = await Promise.all([open(), open(), open("?channels=b")]);
    expect(hub.connectionCount).toBe(3);
    const publishing = setInterval(() => void hub.publish("a", "x".repeat(10_000)), 1);
    onCleanUp(() => clearInterval(publishing));
    for (const client of clients) client.destroy();
    await vi.waitFor(() => expect(hub.connectionCount).toBe(0));
  });

  // SPEC 35, 36
  it("closes so that the server closes too", async () => {
    const { hub, server, open } = await serve();
    const clients = await Promise.all([open(), open(), open()]);
    // A Fetch handler cannot reach the socket; there the server's own timeout has to end the idle connection.
    if (target === "fetch") server.keepAliveTimeout = 200;
    const startedAt = performance.now();
    const serverClosed = once(server, "close");
    server.close();
    void hub.publish("a", "last");
    expect(await hub.close({ spreadMs: 50, timeoutMs: 5_000 })).toEqual({ ended: 3, destroyed: 0 });
    await Promise.all(clients.map((client) => client.until(() => client.closed)));
    await serverClosed;
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    for (const client of clients) {
      expect(client.response.complete).toBe(true);
      expect(client.parse().events.map(({ event }) => event)).toEqual(["sse.hello", "a", "sse.bye"]);
    }
  });

  // SPEC 26
  it("holds little for a client that does not read, which is told what it lost", { timeout: 30_000 }, async () => {
    const { hub, open } = await serve({ slow: { maxBufferedBytes: 262_144 } });
    const client = await open();
    client.response.pause();
    const payload = "x".repeat(1_000);
    for (let index = 0; index < 20_000; index++) {
      void hub.publish("a", payload);
      if (index % 20 === 0) await nextTick();
    }
    // What the kernel's socket buffers swallow cannot be avoided; the rest must not have been written.
    expect(hub.stats().bytes).toBeLessThan(10_000_000);
    client.response.resume();
    await client.until((text) => text.includes("event: sse.gap"));
    void hub.publish("a", "end");
    await client.until((text) => text.includes('"end"'));
    expect(gapOf(client)).toMatchObject({ channels: ["a"], reason: "slow" });
    const positions = applicationEvents(client).map(({ id }) => Number.parseInt(id!.split(".")[1]!, 36));
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    expect(positions.at(-1)).toBe(20_001);
  });

  // SPEC 27
  it("drops a client that reads nothing for too long", async () => {
    const { hub, open } = await serve({
      slow: { maxBufferedBytes: 65_536, stallMs: 400 },
      history: { size: 10_000, bytes: 20_000_000 },
    });
    const client = await open();
    client.response.pause();
    for (let index = 0; index < 10_000; index++) {
      void hub.publish("a", "x".repeat(1_000));
      if (index % 50 === 0) await nextTick();
    }
    await vi.waitFor(() => expect(hub.connectionCount).toBe(0), 5_000);
    expect(hub.stats().slowDisconnects).toBe(1);
  });
});

describe("fetch", () => {
  // SPEC 29, 30
  it.each(["abort", "cancel"])("forgets the stream on %s, once", async (how) => {
    const hub = createHub();
    const controller = new AbortController();
    const removed = vi.spyOn(AbortSignal.prototype, "removeEventListener");
    const response = await hub.fetch(new Request("http://x/", { signal: controller.signal }));
    expect(hub.connectionCount).toBe(1);
    if (how === "abort") controller.abort();
    else await response.body!.cancel();
    expect(hub.connectionCount).toBe(0);
    expect(removed.mock.calls.filter(([type]) => type === "abort").length).toBeGreaterThanOrEqual(1);
    removed.mockRestore();
  });

  // SPEC 122
  it("ends the body on abort without an error", async () => {
    const hub = createHub();
    const left = new AbortController();
    const { body } = await hub.fetch(new Request("http://x/", { signal: left.signal }));
    const reader = body!.getReader();
    await reader.read();
    const next = reader.read();
    left.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  // SPEC 30
  it("forgets the stream on abort although nobody keeps the request", async () => {
    const hub = createHub();
    const left = new AbortController();
    const { body } = await hub.fetch(new Request("http://x/", { signal: left.signal }));
    await collectGarbage();
    left.abort();
    expect(hub.connectionCount).toBe(0);
    expect(body?.locked).toBe(false);
  });

  // SPEC 29
  it("does not share memory with its reader", async () => {
    const hub = createHub({ epoch: "epoch0" });
    const response = await hub.fetch(new Request("http://x/"));
    const reader = response.body!.getReader();
    await reader.read();
    await hub.publish("a", "kept");
    const { value } = await reader.read();
    value!.fill(0);
    const replay = await hub.fetch(new Request("http://x/?lastEventId=epoch0.0"));
    const first = await replay.body!.getReader().read();
    expect(new TextDecoder().decode(first.value)).toContain('data: "kept"');
    await hub.close({ spreadMs: 0 });
  });

  // SPEC 27
  it.each([
    ["drops a body that nobody reads, whatever the heartbeats", false],
    ["keeps a body that is read", true],
  ])("%s", async (_, isRead) => {
    const { hub, environment } = createTestHub({ heartbeatMs: 1_000, slow: { stallMs: 5_000 } });
    const response = await hub.fetch(new Request("http://x/"));
    const reader = response.body!.getReader();
    for (let second = 0; second < 10; second++) {
      environment.advance(1_000);
      await nextTick();
      if (isRead) await reader.read();
    }
    expect(hub.connectionCount).toBe(isRead ? 1 : 0);
    expect(hub.stats().slowDisconnects).toBe(isRead ? 0 : 1);
    if (!isRead) await expect(reader.closed).rejects.toThrow("dropped");
  });

  // SPEC 30
  it("leaves nothing behind when the headers cannot be sent", async () => {
    const hub = createHub();
    await expect(hub.fetch(new Request("http://x/"), { headers: { "x-name": "Ł" } })).rejects.toThrow(TypeError);
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 30
  it("opens nothing for a request that is already aborted", async () => {
    const hub = createHub();
    const response = await hub.fetch(new Request("http://x/", { signal: AbortSignal.abort() }));
    expect(hub.connectionCount).toBe(0);
    expect(response.body).toBeNull();
  });
});

describe("HTTP/2", () => {
  // SPEC 5, 29
  it("streams without a connection header", async () => {
    const hub = createHub();
    const server = createHttp2Server((req, res) => hub.node(req, res));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onCleanUp(() => session.destroy());
    onCleanUp(() => server.close());
    const stream = session.request({ ":path": "/events", accept: "text/event-stream" });
    stream.setEncoding("utf8");
    let text = "";
    stream.on("data", (chunk) => {
      text += chunk;
    });
    const [headers] = await once(stream, "response");
    expect(headers).toMatchObject({ ":status": 200, "content-type": "text/event-stream; charset=utf-8" });
    expect(headers.connection).toBeUndefined();
    await hub.publish("a", 1);
    await vi.waitFor(() => expect(text).toContain("data: 1\n"));
    await hub.close({ spreadMs: 0, timeoutMs: 2_000 });
    await vi.waitFor(() => expect(text).toContain("sse.bye"));
    expect(hub.connectionCount).toBe(0);
  });

  // SPEC 30
  it("opens nothing for a client that left while the application was busy", async () => {
    const hub = createHub();
    const server = createHttp2Server();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onCleanUp(() => session.destroy());
    onCleanUp(() => server.close());
    const requested = once(server, "request");
    const stream = session.request({ ":path": "/events", accept: "text/event-stream" });
    stream.on("error", () => {});
    const [req, res] = (await requested) as [Http2ServerRequest, Http2ServerResponse];
    const left = once(res, "close");
    stream.close(constants.NGHTTP2_CANCEL);
    await left;
    hub.node(req, res);
    expect(hub.connectionCount).toBe(0);
  });
});
