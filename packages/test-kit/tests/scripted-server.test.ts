import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ScriptedServer, startScriptedServer } from "../src/scripted-server.ts";

let server: ScriptedServer;

beforeEach(async () => {
  server = await startScriptedServer();
});

afterEach(async () => {
  await server.close();
  expect([server.openSockets(), server.openResponses()]).toEqual([0, 0]);
});

/** Sends a raw request and resolves with all bytes up to the end of the connection. */
const sendRaw = async (request: Buffer): Promise<string> => {
  const socket = connect(server.port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.write(request);
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
};

test("a script answers with an event stream", async () => {
  server.on("/events", async ({ sse, write, end }) => {
    sse({ "x-extra": "1" });
    await write("data: a\n\n");
    await write(new Uint8Array());
    await write(Uint8Array.of(0xff, 0x0a));
    end();
  });
  const response = await fetch(`${server.url}/events`);
  expect([response.status, response.headers.get("content-type"), response.headers.get("x-extra")]).toEqual([
    200,
    "text/event-stream",
    "1",
  ]);
  expect(Buffer.from(await response.arrayBuffer()).toString("latin1")).toBe("data: a\n\n\xFF\n");
});

test("the head is sent before the first byte of body", async () => {
  server.on("/events", ({ sse }) => sse());
  const response = await fetch(`${server.url}/events`);
  expect(response.status).toBe(200);
  await response.body?.cancel();
});

test("visits count per path and the query is no part of the path", async () => {
  server.on("/a", ({ visit, response }) => void response.end(`a${visit}`));
  server.on("/b", ({ visit, response }) => void response.end(`b${visit}`));
  const get = async (path: string) => (await fetch(server.url + path)).text();
  expect([await get("/a"), await get("/b?x=1"), await get("/a?x=2")]).toEqual(["a1", "b1", "a2"]);
  server.on("/a", ({ visit, response }) => void response.end(`other${visit}`));
  expect(await get("/a")).toBe("other3");
});

test("requests are recorded, those to unknown paths too", async () => {
  const response = await fetch(`${server.url}/nowhere?a=1`, { method: "POST", headers: { "X-Key": "k" } });
  expect([response.status, await response.text()]).toEqual([404, "no handler for /nowhere"]);
  expect(server.requests).toMatchObject([
    { method: "POST", url: "/nowhere?a=1", path: "/nowhere", headers: { "x-key": "k" }, lastEventIdBytes: null },
  ]);
  expect(server.requests[0]?.query.get("a")).toBe("1");
});

test("Last-Event-ID is kept as bytes", async () => {
  const seen: unknown[] = [];
  server.on("/events", ({ lastEventIdBytes, header, end }) => {
    seen.push(lastEventIdBytes?.toString("utf8"), header("Last-Event-ID"), header("x-none"));
    end();
  });
  const head = Buffer.from(
    "GET /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nlast-EVENT-id: \u20AC7\r\n\r\n",
    "utf8",
  );
  await sendRaw(head);
  expect(seen).toEqual(["\u20AC7", "\xE2\x82\xAC7", undefined]);
  expect(server.requests[0]?.lastEventIdBytes).toEqual(Buffer.from("\u20AC7", "utf8"));
});

test("an empty Last-Event-ID differs from none", async () => {
  server.on("/events", ({ end }) => end());
  await sendRaw(Buffer.from("GET /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nLast-Event-ID:\r\n\r\n"));
  expect(server.requests[0]?.lastEventIdBytes).toEqual(Buffer.alloc(0));
});

test("open responses and sockets are counted, and whenIdle waits for the former", async () => {
  await server.whenIdle();
  server.on("/events", ({ sse }) => sse());
  const controller = new AbortController();
  await fetch(`${server.url}/events`, { signal: controller.signal });
  expect([server.openResponses(), server.openSockets()]).toEqual([1, 1]);
  let idle = false;
  const whenIdle = server.whenIdle().then(() => {
    idle = true;
  });
  await wait(5);
  expect(idle).toBe(false);
  controller.abort();
  await whenIdle;
  expect(server.openResponses()).toBe(0);
});

test("destroy breaks the body of a client", async () => {
  server.on("/events", async ({ sse, write, destroy }) => {
    sse();
    await write("data: a\n");
    destroy();
  });
  const response = await fetch(`${server.url}/events`);
  await expect(response.text()).rejects.toThrow("terminated");
});

test("dropAll destroys every connection and the server goes on", async () => {
  server.on("/events", ({ sse, visit, end }) => {
    sse();
    if (visit > 2) end();
  });
  const responses = await Promise.all([1, 2].map(() => fetch(`${server.url}/events`)));
  const broken = responses.map((response) => expect(response.text()).rejects.toThrow("terminated"));
  server.dropAll();
  await Promise.all(broken);
  expect(await (await fetch(`${server.url}/events`)).text()).toBe("");
});

test("a script notices that the client has gone, and giving up then is no failure", async () => {
  let noticed = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    noticed = resolve;
  });
  server.on("/events", async ({ sse, write, signal }) => {
    sse();
    signal.addEventListener("abort", () => noticed());
    for (;;) {
      await write("data: tick\n\n");
      await wait(1, undefined, { signal });
    }
  });
  const response = await fetch(`${server.url}/events`);
  await response.body?.cancel();
  await aborted;
});

test("writing to a client that has gone resolves", async () => {
  let done = (): void => {};
  const written = new Promise<void>((resolve) => {
    done = resolve;
  });
  server.on("/events", async ({ sse, write, destroy, response }) => {
    sse();
    destroy();
    await once(response, "close");
    await write("data: a\n\n");
    done();
  });
  await fetch(`${server.url}/events`)
    .then((response) => response.text())
    .catch(() => {});
  await written;
});

test("what a handler throws breaks its response and comes out of close once", async () => {
  const error = new Error("broken script");
  server.on("/events", ({ sse }) => {
    sse();
    throw error;
  });
  const response = await fetch(`${server.url}/events`);
  await expect(response.text()).rejects.toThrow();
  await expect(server.close()).rejects.toBe(error);
  await server.close();
});

test("several failures come out together", async () => {
  server.on("/events", async ({ visit }) => {
    throw new Error(`broken ${visit}`);
  });
  for (const _ of [1, 2]) await expect(fetch(`${server.url}/events`)).rejects.toThrow();
  const failure = await server.close().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AggregateError);
  expect((failure as AggregateError).errors.map(String)).toEqual(["Error: broken 1", "Error: broken 2"]);
});

test("writing after the end is a failure", async () => {
  server.on("/events", async ({ sse, write, end }) => {
    sse();
    end();
    await write("late");
  });
  await fetch(`${server.url}/events`)
    .then((response) => response.text())
    .catch(() => {});
  await expect(server.close()).rejects.toThrow("write() after end(): /events");
});
