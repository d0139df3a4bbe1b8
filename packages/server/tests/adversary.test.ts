import { once } from "node:events";
import { createServer } from "node:http";
import { type ClientHttp2Session, connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect as connectTcp, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Decision } from "../src/index.ts";
import { cleanUp, listen, onCleanUp, targets } from "./support/live-server.ts";
import { connect, createTestHub, settle } from "./support/test-hub.ts";

afterEach(cleanUp);

const unhandled = vi.fn();

// Monitoring only: what is not handled fails the run as well.
beforeEach(() => {
  unhandled.mockClear();
  process.on("uncaughtExceptionMonitor", unhandled);
  onCleanUp(() => process.removeListener("uncaughtExceptionMonitor", unhandled));
});

/** A hub that holds everything a request can make it hold. */
function createLaxHub() {
  const onError = vi.fn();
  const authorize = async ({ query }: { query: URLSearchParams }): Promise<Decision> => {
    await undefined;
    if (query.has("slow")) await new Promise(setImmediate);
    return query.has("no") ? new Response("x".repeat(100_000), { status: 403 }) : { user: "ann" };
  };
  const limits = { total: 2, perIp: 2, perUser: 2, pending: 2 };
  const test = createTestHub({ authorize, limits, onError });
  onCleanUp(() => test.hub.close({ spreadMs: 0 }));

  /** Nothing is left of anybody: no timer, no count, no error. At once, unless the platform tells of the end only so much later. */
  async function expectNothingLeft(laterMs = 0) {
    const { hub, environment } = test;
    environment.endTick();
    await vi.waitFor(() => {
      environment.advance(laterMs);
      expect([hub.connectionCount, environment.pending]).toEqual([0, 0]);
    });
    const own = { ip: "127.0.0.1" };
    const again = [connect(hub, "", undefined, own), connect(hub, "", undefined, own)];
    await settle();
    expect(again.map(({ res }) => res.ended)).toEqual([false, false]);
    for (const { res } of again) res.leave();
    expect(hub.stats()).toMatchObject({ connections: 0, users: 0 });
    expect(onError).not.toHaveBeenCalled();
    expect(unhandled).not.toHaveBeenCalled();
  }
  return { ...test, expectNothingLeft };
}

const CHANGE = "POST /?slow HTTP/1.1\r\nhost: x\r\naccept: application/json\r\n";
const GET = (query = "", rest = "") => `GET /${query} HTTP/1.1\r\nhost: x\r\n${rest}\r\n`;
const STREAM = GET("?slow", "accept: text/event-stream\r\n");
const HELD = GET("", "accept: application/json\r\nlast-event-id: epoch0.0\r\n");

const REQUESTS: Readonly<Record<string, string>> = {
  stream: STREAM,
  "held poll": HELD,
  change: `${CHANGE}content-length: 12\r\n\r\n{"conn":"x"}`,
  "change in chunks": `${CHANGE}transfer-encoding: chunked\r\n\r\n6\r\n{"conn\r\n6\r\n":"x"}\r\n0\r\n\r\n`,
  "change that is too large": `${CHANGE}content-length: 70000\r\n\r\n${"x".repeat(20)}`,
  "change behind a held poll": `${HELD}${CHANGE}content-length: 12\r\n\r\n{"conn":"x"}`,
  "poll behind a stream": STREAM + HELD,
  "refused request": GET("?no", "accept: text/event-stream\r\n"),
};

/** What is odd, but a request. */
const ODDITIES: Readonly<Record<string, string>> = {
  HEAD: "HEAD / HTTP/1.1\r\nhost: x\r\n\r\n",
  "a method of its own": "PROPFIND / HTTP/1.1\r\nhost: x\r\naccept: application/json\r\n\r\n",
  "an upgrade": GET("", "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"),
  "an upgrade to HTTP/2": GET(
    "",
    "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n",
  ),
  "a body nobody expects": GET("", "content-length: 5\r\n").concat("hello"),
  "100-continue": `${CHANGE}expect: 100-continue\r\ncontent-length: 12\r\n\r\n{"conn":"x"}`,
  "an expectation nobody knows": `${CHANGE}expect: miracles\r\ncontent-length: 12\r\n\r\n{"conn":"x"}`,
  "huge headers": GET("", `x-big: ${"x".repeat(12_000)}\r\n`),
  "headers that are too large": GET("", `x-big: ${"x".repeat(20_000)}\r\n`),
  "bytes in Last-Event-ID": GET("", "accept: application/json\r\nlast-event-id: \xff\xfe\x80\xc3(\r\n"),
  "a NUL in Last-Event-ID": GET("", "last-event-id: a\0b\r\n"),
  "a long Last-Event-ID": GET("", `last-event-id: ${"z".repeat(5_000)}\r\n`),
  "escapes that are none": GET("?channels=%ff%zz%&lastEventId=%00%0a", "cookie: a=%; b=\r\n"),
  "an address as target": GET().replace("GET /", "GET http://[/%"),
  "an asterisk as target": "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
  "HTTP/1.0": "GET / HTTP/1.0\r\naccept: application/json\r\n\r\n",
  "what is no HTTP": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
};

async function openSocket(url: string): Promise<Socket> {
  const socket = connectTcp({ port: Number(new URL(url).port), host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {});
  onCleanUp(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

describe.each(["node", "fetch"] as const)("a client of the %s target", (target) => {
  async function serve() {
    const test = createLaxHub();
    const url = await listen(createServer((req, res) => targets[target](test.hub, req, res)));
    return { ...test, url };
  }

  // Of a client that leaves after the answer no Fetch handler is told.
  const laterMs = (name: string) => (target === "fetch" && name.includes("too large") ? 10_000 : 0);

  // SPEC 135
  it.each(Object.entries(REQUESTS))(
    "may leave at any byte of a request: %s",
    { timeout: 60_000 },
    async (name, text) => {
      const { url, expectNothingLeft } = await serve();
      for (let length = 1; length <= text.length; length += length > text.length - 40 ? 1 : 7) {
        const socket = await openSocket(url);
        socket.write(text.slice(0, length), "latin1");
        if (length % 2 === 0) await settle();
        if (length % 3 === 0) socket.end();
        else socket.resetAndDestroy();
        if (length % 3 === 0) setImmediate(() => socket.destroy());
      }
      await expectNothingLeft(laterMs(name));
    },
  );

  // SPEC 135
  it.each(Object.entries(REQUESTS))(
    "may leave at any byte of an answer: %s",
    { timeout: 60_000 },
    async (name, text) => {
      const { hub, url, expectNothingLeft } = await serve();
      for (let bytes = 1; bytes < 400; bytes += 23) {
        const socket = await openSocket(url);
        let seen = 0;
        const enough = new Promise<void>((resolve) => {
          socket.on("data", (chunk) => {
            seen += chunk.byteLength;
            if (seen >= bytes) resolve();
          });
          socket.on("close", () => resolve());
        });
        socket.write(text, "latin1");
        await settle();
        void hub.publish("a", bytes);
        await Promise.race([enough, settle().then(settle)]);
        socket.resetAndDestroy();
      }
      await expectNothingLeft(laterMs(name));
    },
  );

  // SPEC 135
  it.each(Object.entries(ODDITIES))("may send %s", async (_, text) => {
    const { url, expectNothingLeft } = await serve();
    for (const end of ["half-close", "reset", "close"]) {
      const socket = await openSocket(url);
      socket.resume();
      socket.write(text, "latin1");
      for (let turn = 0; turn < 5; turn++) await settle();
      if (end === "half-close") socket.end();
      for (let turn = 0; turn < 5; turn++) await settle();
      if (end === "reset") socket.resetAndDestroy();
      else socket.destroy();
    }
    await expectNothingLeft();
  });
});

describe("a client over HTTP/2", () => {
  async function serve() {
    const test = createLaxHub();
    const server = createHttp2Server((req, res) => test.hub.node(req, res));
    server.on("sessionError", () => {});
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onCleanUp(() => server.close());
    const open = () => {
      const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      session.on("error", () => {});
      onCleanUp(() => session.destroy());
      return session;
    };
    return { ...test, open };
  }

  const accept = { accept: "application/json" };
  const CALLS: Readonly<Record<string, Record<string, string>>> = {
    stream: { ":path": "/?slow" },
    "held poll": { ...accept, "last-event-id": "epoch0.0" },
    change: { ...accept, ":method": "POST", ":path": "/?slow" },
    "change that is too large": { ...accept, ":method": "POST", "content-length": "70000" },
    "refused request": { ":path": "/?no" },
    HEAD: { ":method": "HEAD" },
  };

  const ENDS: Readonly<Record<string, (session: ClientHttp2Session, id: number) => void>> = {
    GOAWAY: (session, id) => session.goaway(0, id),
    "GOAWAY with an error": (session) => session.goaway(2),
    "its session destroyed": (session) => session.destroy(),
    "its session closed": (session) => session.close(),
  };

  // SPEC 135
  it.each(Object.entries(CALLS))("may reset a request at any time: %s", async (_, headers) => {
    const { open, expectNothingLeft } = await serve();
    const session = open();
    for (const code of [2, 5, 7, 8, 11]) {
      for (let turns = 0; turns < 8; turns++) {
        const stream = session.request(headers, { endStream: headers[":method"] !== "POST" });
        stream.on("error", () => {});
        if (turns % 2 === 0) stream.resume();
        if (headers[":method"] === "POST") stream.write("{");
        for (let turn = 0; turn < turns; turn++) await settle();
        stream.close(code);
      }
    }
    await expectNothingLeft();
    // Node tells nobody of this one while it has bytes to send.
    session.request({ ":path": "/" }).close(0);
    session.request({ ":path": "/?no" }).close(0);
    await settle();
    await expectNothingLeft(45_000);
    expect(session.destroyed).toBe(false);
  });

  // SPEC 135
  it.each(Object.entries(ENDS))("may leave in the middle of everything with %s", async (_, end) => {
    const { open, expectNothingLeft } = await serve();
    for (let turns = 0; turns < 10; turns++) {
      const session = open();
      const streams = Object.values(CALLS).map((headers) => {
        const stream = session.request(headers, { endStream: headers[":method"] !== "POST" });
        stream.on("error", () => {});
        if (headers[":method"] === "POST") stream.write("{");
        return stream;
      });
      for (let turn = 0; turn < turns; turn++) await settle();
      end(session, streams[0]!.id ?? 0);
      await settle();
      session.destroy();
    }
    await expectNothingLeft(45_000);
  });
});
