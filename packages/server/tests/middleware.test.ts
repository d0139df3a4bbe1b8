import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import { setImmediate as nextTick } from "node:timers/promises";
import { createGunzip } from "node:zlib";
import compression from "compression";
import express, { type RequestHandler } from "express";
import Fastify from "fastify";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createHub, type Hub, type HubOptions } from "../src/index.ts";
import { callHttp1 } from "./support/exchange.ts";
import { parseStream } from "./support/fake-response.ts";
import { cleanUp, listen, onCleanUp } from "./support/live-server.ts";

afterEach(cleanUp);

async function serve(options: HubOptions, ...middleware: RequestHandler[]) {
  const hub: Hub = createHub({ epoch: "epoch0", heartbeatMs: null, ...options });
  const app = express();
  app.use(...middleware);
  app.all("/events", (req, res) => hub.node(req, res));
  return { hub, url: await listen(createServer(app)) };
}

async function openGzip(url: string): Promise<IncomingMessage> {
  const sent = request(url, { headers: { "accept-encoding": "gzip" }, agent: false });
  onCleanUp(() => sent.destroy());
  sent.on("error", () => {});
  sent.end();
  const [response] = await once(sent, "response");
  response.on("error", () => {});
  return response;
}

/** Collects what has arrived, without the noise. */
function gunzip(response: IncomingMessage): () => string {
  let text = "";
  response
    .pipe(createGunzip())
    .setEncoding("utf8")
    .on("error", () => {})
    .on("data", (chunk: string) => {
      text += chunk.replace(/[\w+/=]{200,}/g, "");
    });
  return () => text;
}

/** More than sockets swallow, of what does not get smaller. */
async function publishNoise(hub: Hub, isEnough = () => false): Promise<void> {
  for (let index = 0; index < 1_000 && !isEnough(); index++) {
    void hub.publish("a", randomBytes(18_000).toString("base64"));
    await nextTick();
  }
}

const soon = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 5_000 });

/** Takes `no-transform` away, as an application may. */
const transformable: RequestHandler = (_req, res, next) => {
  res.setHeader("cache-control", "no-cache");
  next();
};

describe("compression that the application has asked for", () => {
  // SPEC 121
  it("holds back no event", async () => {
    const { hub, url } = await serve({}, transformable, compression());
    const response = await openGzip(url);
    expect(response.headers["content-encoding"]).toBe("gzip");
    const text = gunzip(response);
    await soon(() => expect(text()).toContain("sse.hello"));
    for (let count = 1; count <= 5; count++) {
      await hub.publish("a", count);
      await soon(() => expect(text()).toContain(`data: ${count}\n`));
    }
    await hub.close({ spreadMs: 0 });
    await soon(() => expect(parseStream(text()).events.at(-1)?.event).toBe("sse.bye"));
  });

  // SPEC 121
  it("holds little for a client that does not read", { timeout: 30_000 }, async () => {
    const { hub, url } = await serve({ slow: { maxBufferedBytes: 262_144 } }, transformable, compression());
    const response = await openGzip(url);
    response.pause();
    await publishNoise(hub);
    expect(hub.stats().bytes).toBeLessThan(12_000_000);
    expect(hub.stats().bufferedBytes).toBeLessThan(600_000);
    // What it lost, it is told, and then it is as good as any.
    const text = gunzip(response);
    await soon(() => expect(text()).toContain("event: sse.gap"));
    await hub.publish("a", "end");
    await soon(() => expect(text()).toContain('"end"'));
    response.destroy();
    await soon(() => expect(hub.connectionCount).toBe(0));
  });

  // SPEC 121
  it("does not keep a client that reads nothing for too long", async () => {
    const slow = { maxBufferedBytes: 65_536, stallMs: 200 };
    const { hub, url } = await serve({ slow }, transformable, compression());
    (await openGzip(url)).pause();
    const isGone = () => hub.connectionCount === 0;
    for (let round = 0; round < 50 && !isGone(); round++) await publishNoise(hub, isGone);
    expect(hub.stats()).toMatchObject({ connections: 0, slowDisconnects: 1 });
  });
});

describe("a body that is parsed already", () => {
  const change = (hub: Hub, url: string) => async (type: string, encode: (text: string) => string) => {
    const send = callHttp1(url);
    const stream = await send({ query: "?channels=a" }).reply;
    await soon(() => expect(stream.seen()).toContain("sse.hello"));
    const { conn } = stream.parse().events[0]!.json as { conn: string };
    const headers = { accept: "application/json", "content-type": type };
    const body = encode(JSON.stringify({ conn, subscribe: ["b"] }));
    const reply = await send({ method: "POST", headers, body }).reply;
    expect([reply.status, JSON.parse(await reply.text)]).toEqual([200, { channels: ["a", "b"], rejected: [] }]);
    await hub.publish("b", 1);
    await soon(() => expect(stream.seen()).toContain("event: b\n"));
  };

  // SPEC 121
  it.each([
    ["express.json", "application/json", express.json()],
    ["express.text", "text/plain", express.text()],
    ["nothing that knows it", "application/json", express.text()],
  ])("by %s changes channels", async (_, type, parser) => {
    const { hub, url } = await serve({}, parser);
    await change(hub, url)(type, (text) => text);
  });

  // SPEC 121
  it.each(["application/json", "text/plain"])("by Fastify as %s changes channels", async (type) => {
    const hub: Hub = createHub();
    const app = Fastify();
    app.all("/events", (request, reply) => {
      hub.node(Object.assign(request.raw, { body: request.body }), reply.raw);
      reply.hijack();
    });
    onCleanUp(() => app.close());
    onCleanUp(() => hub.close({ spreadMs: 0 }));
    await change(hub, `${await app.listen({ port: 0, host: "127.0.0.1" })}/events`)(type, (text) => text);
  });
});

describe("headers that middleware has set", () => {
  // SPEC 121
  it("stay beside those of the stream", async () => {
    const { url } = await serve({}, (_req, res, next) => {
      res.set({ "x-frame-options": "DENY", vary: "Cookie", "content-type": "text/html" });
      next();
    });
    const { headers } = await callHttp1(url)().reply;
    expect(headers).toMatchObject({
      "x-frame-options": "DENY",
      vary: "Cookie",
      "content-type": "text/event-stream; charset=utf-8",
    });
  });
});
