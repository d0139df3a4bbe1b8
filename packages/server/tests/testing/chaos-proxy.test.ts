import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OptionError } from "../../src/index.ts";
import { createChaosPipe } from "../../src/testing/chaos-pipe.ts";
import { type ChaosProxy, createChaosProxy, createManualEnvironment } from "../../src/testing/index.ts";

// SPEC 128

const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const body = "data: one\n\ndata: two\n\n";

/** What the target sends to a connection, chunk by chunk, each a turn after the one before. */
let script: (string | Buffer)[];
let target: Server;
let targetSockets: Set<Socket>;
let proxy: ChaosProxy;

beforeEach(async () => {
  script = [head + body];
  targetSockets = new Set();
  target = createServer((socket) => {
    targetSockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => targetSockets.delete(socket));
    socket.once("data", async () => {
      for (const chunk of script) {
        socket.write(chunk);
        await wait(1);
      }
    });
  });
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
  proxy = await createChaosProxy({ target: { port: (target.address() as AddressInfo).port } });
});

afterEach(async () => {
  await proxy.close();
  for (const socket of targetSockets) socket.destroy();
  await new Promise((resolve) => target.close(resolve));
  expect(proxy.connections).toBe(0);
});

/** A client that says one line and keeps what it hears. */
const dial = (port = proxy.port) => {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\n\r\n");
  const heard = (): string => Buffer.concat(chunks).toString("latin1");
  return {
    socket,
    heard,
    closed: new Promise<string>((resolve) => socket.once("close", () => resolve(heard()))),
    async hears(length: number) {
      while (heard().length < length) await once(socket, "data");
      return heard();
    },
  };
};

const all = head + body;

test("bytes go both ways and are counted", async () => {
  const client = dial();
  expect(await client.hears(all.length)).toBe(all);
  expect([proxy.connections, proxy.accepted, proxy.bytesToClient]).toEqual([1, 1, all.length]);
  client.socket.destroy();
});

test("a client that leaves is seen by the target", async () => {
  const client = dial();
  await client.hears(all.length);
  const [atTarget] = targetSockets;
  const gone = once(atTarget!, "close");
  client.socket.destroy();
  await gone;
  expect(proxy.accepted).toBe(1);
});

test("a target that ends is seen by the client, after all bytes", async () => {
  const client = dial();
  await client.hears(all.length);
  for (const socket of targetSockets) socket.end("bye");
  expect(await client.closed).toBe(`${all}bye`);
});

test("a target that cannot be reached closes the connection", async () => {
  const spare = createServer().listen(0, "127.0.0.1");
  await once(spare, "listening");
  const { port } = spare.address() as AddressInfo;
  await new Promise((resolve) => spare.close(resolve));
  const lost = await createChaosProxy({ target: { port } });
  const socket = connect(lost.port, "127.0.0.1").resume();
  await once(socket, "close");
  await lost.close();
});

test("cutAfter passes on exactly so many bytes, for every number", async () => {
  for (let bytes = 0; bytes <= all.length; bytes += 1) {
    proxy.cutAfter(bytes);
    expect(await dial().closed).toBe(all.slice(0, bytes));
    expect(proxy.bytesToClient).toBe(bytes);
  }
  expect(proxy.accepted).toBe(all.length + 1);
});

test("cutAfter counts over chunks", async () => {
  script = [...all];
  for (const bytes of [1, head.length - 1, head.length, head.length + 1, all.length]) {
    proxy.cutAfter(bytes);
    expect(await dial().closed).toBe(all.slice(0, bytes));
  }
});

test("cutAfter is exact for more than the socket buffers hold", async () => {
  const size = 8 * 1024 * 1024;
  script = [Buffer.alloc(size, "x")];
  proxy.cutAfter(size - 12_345);
  const client = dial();
  client.socket.pause();
  await wait(20);
  client.socket.resume();
  expect((await client.closed).length).toBe(size - 12_345);
});

test("cutBodyAfter counts from the end of the head, for every number", async () => {
  for (let bytes = 0; bytes <= body.length; bytes += 1) {
    proxy.cutBodyAfter(bytes);
    expect(await dial().closed).toBe(all.slice(0, head.length + bytes));
  }
});

test("cutBodyAfter finds the end of a head that comes in pieces, and only the first", async () => {
  script = [...head, "a\r\n\r\nb", "cdef"];
  proxy.cutBodyAfter(7);
  expect(await dial().closed).toBe(`${head}a\r\n\r\nbc`);
});

test("cutAfter and cutBodyAfter apply to a live connection", async () => {
  script = [all];
  const first = dial();
  await first.hears(all.length);
  proxy.cutBodyAfter(body.length + 2);
  for (const socket of targetSockets) socket.write("1234");
  expect(await first.closed).toBe(`${all}12`);

  const second = dial();
  await second.hears(all.length);
  proxy.cutAfter(all.length + 1);
  for (const socket of targetSockets) socket.write("1234");
  expect(await second.closed).toBe(`${all}1`);
});

test("a live connection that has passed on as many bytes is cut at once", async () => {
  const client = dial();
  await client.hears(all.length);
  proxy.cutAfter(3);
  expect(await client.closed).toBe(all);
});

test("a cut applies to one connection only", async () => {
  proxy.cutAfter(5);
  await dial().closed;
  const next = dial();
  expect(await next.hears(all.length)).toBe(all);
  expect([proxy.connections, proxy.accepted]).toEqual([1, 2]);
  next.socket.destroy();
});

test("a later cut replaces an earlier one", async () => {
  proxy.cutAfter(5);
  proxy.cutAfter(7);
  expect(await dial().closed).toBe(all.slice(0, 7));
  const client = dial();
  await client.hears(all.length);
  proxy.cutAfter(all.length + 1);
  proxy.cutAfter(all.length + 3);
  for (const socket of targetSockets) socket.write("1234");
  expect(await client.closed).toBe(`${all}123`);
});

test("a number of bytes that makes no sense is refused", () => {
  for (const bytes of [-1, 1.5, Number.NaN]) expect(() => proxy.cutAfter(bytes)).toThrow(RangeError);
});

test("drop ends every connection, on both sides", async () => {
  const clients = [dial(), dial()];
  await Promise.all(clients.map((client) => client.hears(all.length)));
  const atTarget = [...targetSockets].map((socket) => once(socket, "close"));
  proxy.drop();
  await Promise.all([...clients.map((client) => client.closed), ...atTarget]);
  expect(proxy.connections).toBe(0);
});

test("a stalled proxy holds bytes back and loses none", async () => {
  const client = dial();
  await client.hears(all.length);
  proxy.stall();
  for (const socket of targetSockets) socket.write("held");
  await wait(20);
  expect(client.heard()).toBe(all);
  expect(proxy.bytesToClient).toBe(all.length);
  proxy.resume();
  expect(await client.hears(all.length + 4)).toBe(`${all}held`);
  client.socket.destroy();
});

test("a stalled proxy holds back new connections too, and the target's end", async () => {
  proxy.stall();
  const client = dial();
  while (targetSockets.size === 0) await wait(1);
  for (const socket of targetSockets) socket.end("last");
  await wait(20);
  expect([client.heard(), client.socket.closed, proxy.connections]).toEqual(["", false, 1]);
  proxy.resume();
  expect(await client.closed).toContain("last");
});

test("a refusing proxy closes new connections and keeps live ones", async () => {
  const live = dial();
  await live.hears(all.length);
  proxy.refuse(true);
  expect(await dial().closed).toBe("");
  expect([proxy.connections, proxy.accepted, proxy.bytesToClient]).toEqual([1, 2, all.length]);
  expect(live.socket.closed).toBe(false);
  proxy.refuse(false);
  const next = dial();
  expect(await next.hears(all.length)).toBe(all);
  live.socket.destroy();
  next.socket.destroy();
});

test("a refused connection does not use up a cut", async () => {
  proxy.refuse(true);
  proxy.cutAfter(4);
  await dial().closed;
  proxy.refuse(false);
  expect(await dial().closed).toBe(all.slice(0, 4));
});

test("a fetch over the proxy sees the stream break after the chunked bytes", async () => {
  const server = createHttpServer(async (_request, response) => {
    for (const chunk of ["data: one\n\n", "data: two\n\n"])
      await new Promise((resolve) => response.write(chunk, resolve));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const http = await createChaosProxy({ target: { port: (server.address() as AddressInfo).port } });
  // "b\r\n" + 11 bytes + "\r\n" is the first chunk, then "b\r\n" and 4 bytes of the second.
  http.cutBodyAfter(3 + 11 + 2 + 3 + 4);
  const response = await fetch(`${http.url}/events`);
  const heard: Uint8Array[] = [];
  const reading = (async () => {
    for await (const chunk of response.body!) heard.push(chunk);
  })();
  await expect(reading).rejects.toThrow("terminated");
  expect(Buffer.concat(heard).toString()).toBe("data: one\n\ndata");
  await http.close();
  server.closeAllConnections();
  server.close();
});

test.each<[string, unknown]>([
  ["options", undefined],
  ["target.port", {}],
  ["target.port", { target: { port: 0 } }],
  ["target.port", { target: { port: 65_536 } }],
  ["target.port", { target: { port: 1.5 } }],
  ["delayMs", { target: { port: 1 }, delayMs: 1 }],
])("names %s where it cannot be used", async (option, options) => {
  const made = createChaosProxy(options as never);
  await expect(made).rejects.toThrow(OptionError);
  await expect(made).rejects.toThrow(`"${option}"`);
});

test.each([
  { bytes: 0, everyMs: 1 },
  { bytes: 1.5, everyMs: 1 },
  { bytes: 1, everyMs: -1 },
])("refuses the pace %o and goes on as before", async (pace) => {
  expect(() => proxy.slowDown(pace)).toThrow(OptionError);
  const client = dial();
  expect(await client.hears(all.length)).toBe(all);
  client.socket.destroy();
});

test("reset ends every connection with an error that the client sees", async () => {
  const client = dial();
  await client.hears(all.length);
  const failed = once(client.socket, "error");
  proxy.reset();
  expect((await failed)[0]).toMatchObject({ code: "ECONNRESET" });
  expect(await client.closed).toBe(all);
});

test("a slow proxy passes on so many bytes, and the next ones when its time has come", async () => {
  const environment = createManualEnvironment();
  const slow = await createChaosProxy({ target: { port: (target.address() as AddressInfo).port }, environment });
  slow.slowDown({ bytes: 10, everyMs: 100 });
  const client = dial(slow.port);
  for (let heard = 10; heard < all.length; heard += 10) {
    expect(await client.hears(heard)).toBe(all.slice(0, heard));
    environment.advanceSync(99);
    expect([slow.bytesToClient, environment.pending]).toEqual([heard, 1]);
    environment.advanceSync(1);
  }
  expect(await client.hears(all.length)).toBe(all);
  await slow.close();
  expect(environment.pending).toBe(0);
});

test("a proxy that is slow no more passes on at once what it held back, and then the end", async () => {
  const environment = createManualEnvironment();
  const slow = await createChaosProxy({ target: { port: (target.address() as AddressInfo).port }, environment });
  slow.slowDown({ bytes: 1, everyMs: 100 });
  const client = dial(slow.port);
  await client.hears(1);
  for (const socket of targetSockets) socket.end("bye");
  slow.slowDown(null);
  expect(environment.pending).toBe(0);
  expect(await client.closed).toBe(`${all}bye`);
  await slow.close();
});

test("a slow proxy whose client leaves has no timer left", async () => {
  const environment = createManualEnvironment();
  const slow = await createChaosProxy({ target: { port: (target.address() as AddressInfo).port }, environment });
  slow.slowDown({ bytes: 1, everyMs: 100 });
  const client = dial(slow.port);
  await client.hears(1);
  const [atTarget] = targetSockets;
  const gone = once(atTarget!, "close");
  client.socket.destroy();
  await gone;
  expect([environment.pending, slow.connections]).toEqual([0, 0]);
  await slow.close();
});

test("a cut is exact while the proxy is slow", async () => {
  const environment = createManualEnvironment();
  const slow = await createChaosProxy({ target: { port: (target.address() as AddressInfo).port }, environment });
  slow.slowDown({ bytes: 10, everyMs: 100 });
  slow.cutAfter(25);
  const client = dial(slow.port);
  await client.hears(10);
  environment.advanceSync(200);
  expect(await client.closed).toBe(all.slice(0, 25));
  expect(environment.pending).toBe(0);
  await slow.close();
});

test("a slow proxy takes no more from the server than it has begun to pass on", async () => {
  const environment = createManualEnvironment();
  const [client, server] = [0, 1].map(() => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }));
  const state = { isStalled: false, pace: { bytes: 10, everyMs: 100 } };
  const pipe = createChaosPipe(client as Socket, server as Socket, state, environment.setTimer);
  server!.push("x".repeat(20));
  await once(server!, "data");
  expect([pipe.passed, server!.isPaused()]).toEqual([10, true]);
  environment.advanceSync(100);
  expect([pipe.passed, server!.isPaused()]).toEqual([20, true]);
  environment.advanceSync(100);
  expect([server!.isPaused(), environment.pending]).toEqual([false, 0]);
  const more = once(server!, "data");
  server!.push("x".repeat(20));
  await more;
  pipe.drop();
  // What it still held is lost, and counts for nothing.
  state.pace.bytes = 100;
  pipe.update();
  expect([pipe.passed, environment.pending]).toEqual([30, 0]);
});
