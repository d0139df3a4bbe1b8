import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CuttableLink, openCuttableLink } from "../src/cuttable-link.ts";
import { startScriptedServer } from "../src/scripted-server.ts";

const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const body = "data: one\n\ndata: two\n\n";

/** What the target sends to a connection, chunk by chunk, each a turn after the one before. */
let script: (string | Buffer)[];
let target: Server;
let targetSockets: Set<Socket>;
let link: CuttableLink;

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
  link = await openCuttableLink({ target: { port: (target.address() as AddressInfo).port } });
});

afterEach(async () => {
  await link.close();
  for (const socket of targetSockets) socket.destroy();
  await new Promise((resolve) => target.close(resolve));
  expect(link.connections).toBe(0);
});

/** A client that says one line and keeps what it hears. */
const dial = () => {
  const socket = connect(link.port, "127.0.0.1");
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
  expect([link.connections, link.accepted, link.bytesToClient]).toEqual([1, 1, all.length]);
  client.socket.destroy();
});

test("a client that leaves is seen by the target", async () => {
  const client = dial();
  await client.hears(all.length);
  const [atTarget] = targetSockets;
  const gone = once(atTarget!, "close");
  client.socket.destroy();
  await gone;
  expect(link.accepted).toBe(1);
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
  const lost = await openCuttableLink({ target: { port } });
  const socket = connect(lost.port, "127.0.0.1").resume();
  await once(socket, "close");
  await lost.close();
});

test("cutAfter passes on exactly so many bytes, for every number", async () => {
  for (let bytes = 0; bytes <= all.length; bytes += 1) {
    link.cutAfter(bytes);
    expect(await dial().closed).toBe(all.slice(0, bytes));
    expect(link.bytesToClient).toBe(bytes);
  }
  expect(link.accepted).toBe(all.length + 1);
});

test("cutAfter counts over chunks", async () => {
  script = [...all];
  for (const bytes of [1, head.length - 1, head.length, head.length + 1, all.length]) {
    link.cutAfter(bytes);
    expect(await dial().closed).toBe(all.slice(0, bytes));
  }
});

test("cutAfter is exact for more than the socket buffers hold", async () => {
  const size = 8 * 1024 * 1024;
  script = [Buffer.alloc(size, "x")];
  link.cutAfter(size - 12_345);
  const client = dial();
  client.socket.pause();
  await wait(20);
  client.socket.resume();
  expect((await client.closed).length).toBe(size - 12_345);
});

test("cutBodyAfter counts from the end of the head, for every number", async () => {
  for (let bytes = 0; bytes <= body.length; bytes += 1) {
    link.cutBodyAfter(bytes);
    expect(await dial().closed).toBe(all.slice(0, head.length + bytes));
  }
});

test("cutBodyAfter finds the end of a head that comes in pieces, and only the first", async () => {
  script = [...head, "a\r\n\r\nb", "cdef"];
  link.cutBodyAfter(7);
  expect(await dial().closed).toBe(`${head}a\r\n\r\nbc`);
});

test("cutAfter and cutBodyAfter apply to a live connection", async () => {
  script = [all];
  const first = dial();
  await first.hears(all.length);
  link.cutBodyAfter(body.length + 2);
  for (const socket of targetSockets) socket.write("1234");
  expect(await first.closed).toBe(`${all}12`);

  const second = dial();
  await second.hears(all.length);
  link.cutAfter(all.length + 1);
  for (const socket of targetSockets) socket.write("1234");
  expect(await second.closed).toBe(`${all}1`);
});

test("a live connection that has passed on as many bytes is cut at once", async () => {
  const client = dial();
  await client.hears(all.length);
  link.cutAfter(3);
  expect(await client.closed).toBe(all);
});

test("a cut applies to one connection only", async () => {
  link.cutAfter(5);
  await dial().closed;
  const next = dial();
  expect(await next.hears(all.length)).toBe(all);
  expect([link.connections, link.accepted]).toEqual([1, 2]);
  next.socket.destroy();
});

test("a later cut replaces an earlier one", async () => {
  link.cutAfter(5);
  link.cutAfter(7);
  expect(await dial().closed).toBe(all.slice(0, 7));
  const client = dial();
  await client.hears(all.length);
  link.cutAfter(all.length + 1);
  link.cutAfter(all.length + 3);
  for (const socket of targetSockets) socket.write("1234");
  expect(await client.closed).toBe(`${all}123`);
});

test("a number of bytes that makes no sense is refused", () => {
  for (const bytes of [-1, 1.5, Number.NaN]) expect(() => link.cutAfter(bytes)).toThrow(RangeError);
});

test("cut destroys every connection, on both sides", async () => {
  const clients = [dial(), dial()];
  await Promise.all(clients.map((client) => client.hears(all.length)));
  const atTarget = [...targetSockets].map((socket) => once(socket, "close"));
  link.cut();
  await Promise.all([...clients.map((client) => client.closed), ...atTarget]);
  expect(link.connections).toBe(0);
});

test("a stalled link holds bytes back and loses none", async () => {
  const client = dial();
  await client.hears(all.length);
  link.stall();
  for (const socket of targetSockets) socket.write("held");
  await wait(20);
  expect(client.heard()).toBe(all);
  expect(link.bytesToClient).toBe(all.length);
  link.unstall();
  expect(await client.hears(all.length + 4)).toBe(`${all}held`);
  client.socket.destroy();
});

test("a stalled link holds back new connections too, and the target's end", async () => {
  link.stall();
  const client = dial();
  while (targetSockets.size === 0) await wait(1);
  for (const socket of targetSockets) socket.end("last");
  await wait(20);
  expect([client.heard(), client.socket.closed, link.connections]).toEqual(["", false, 1]);
  link.unstall();
  expect(await client.closed).toContain("last");
});

test("a refusing link closes new connections and keeps live ones", async () => {
  const live = dial();
  await live.hears(all.length);
  link.refuse(true);
  expect(await dial().closed).toBe("");
  expect([link.connections, link.accepted, link.bytesToClient]).toEqual([1, 2, all.length]);
  expect(live.socket.closed).toBe(false);
  link.refuse(false);
  const next = dial();
  expect(await next.hears(all.length)).toBe(all);
  live.socket.destroy();
  next.socket.destroy();
});

test("a refused connection does not use up a cut", async () => {
  link.refuse(true);
  link.cutAfter(4);
  await dial().closed;
  link.refuse(false);
  expect(await dial().closed).toBe(all.slice(0, 4));
});

test("a fetch over the link sees the stream break after the chunked bytes", async () => {
  const server = await startScriptedServer();
  server.on("/events", async ({ sse, write }) => {
    sse();
    await write("data: one\n\n");
    await write("data: two\n\n");
  });
  const http = await openCuttableLink({ target: { port: server.port } });
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
  await server.close();
});
