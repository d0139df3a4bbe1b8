import { once } from "node:events";
import { createServer } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect as connectTcp } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createHub, type Hub } from "../src/index.ts";
import { cleanUp, connOf, listen, onCleanUp, serveHub, type Target } from "./support/live-server.ts";
import type { ManualEnvironment } from "./support/manual-environment.ts";
import { openClient, type RawClient } from "./support/raw-client.ts";
import { createTestHub } from "./support/test-hub.ts";

afterEach(cleanUp);

function open(hub: Hub, target: Target, options = {}) {
  onCleanUp(() => hub.close({ spreadMs: 0 }));
  return serveHub(target, hub, options);
}

// SPEC 41
it.each(["stream", "poll"])(
  "a client that leaves in the middle of a body sent behind a %s ends nothing else",
  async (kind) => {
    const uncaught = vi.fn();
    process.on("uncaughtExceptionMonitor", uncaught);
    onCleanUp(() => process.removeListener("uncaughtExceptionMonitor", uncaught));
    const live = await open(createHub({ epoch: "epoch0" }), "node");
    const accept = { stream: "text/event-stream", poll: "application/json" }[kind];
    const socket = connectTcp(Number(new URL(live.url).port), "127.0.0.1");
    socket.write(
      `GET /events HTTP/1.1\r\nhost: x\r\naccept: ${accept}\r\nlast-event-id: epoch0.0\r\n\r\n` +
        'POST /events HTTP/1.1\r\nhost: x\r\naccept: application/json\r\ncontent-length: 100\r\n\r\n{"conn":',
    );
    await vi.waitFor(() => expect(live.responses).toHaveLength(2));
    const [, change] = live.responses;
    // Not `once`, which listens for errors, too.
    const left = new Promise((resolve) => change!.req.on("close", resolve));
    socket.destroy();
    await left;
    // Errors without a listener come after it.
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    expect(uncaught).not.toHaveBeenCalled();
    expect(["data", "end"].map((name) => change!.req.listenerCount(name))).toEqual([0, 0]);
  },
);

describe.each(["node", "fetch"] as const)("a change of channels behind the %s target", (target) => {
  // SPEC 41
  it.each<[string, string, number, string]>([
    ["broken JSON", '{"conn":', 400, "bad-request"],
    ["no body", "", 400, "bad-request"],
    ["a bad name", '{"conn":"x","subscribe":["sse.x"]}', 400, "bad-request"],
    ["an unknown connection", '{"conn":"x","subscribe":["a"]}', 409, "unknown-conn"],
    ["65,537 bytes", `{"conn":"x"}${" ".repeat(65_525)}`, 413, "too-large"],
    ["65,536 bytes", `{"conn":"x"}${" ".repeat(65_524)}`, 409, "unknown-conn"],
  ])("with %s gets its answer, and the connection can be used further", async (_, body, status, error) => {
    const { change } = await open(createHub(), target);
    for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
      const reply = await change(body, headers).reply;
      expect(reply.status).toBe(status);
      expect(reply.headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store" });
      expect(reply.json).toMatchObject({ error });
    }
  });

  // SPEC 41
  it("is understood with any content type, in any number of pieces, in UTF-8", async () => {
    const hub = createHub();
    const live = await open(hub, target);
    const conn = connOf(await live.open("?channels="));
    const text = JSON.stringify({ conn, subscribe: ["grüße/☃"] });
    for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
      const { status, json } = await live.change(text, { "content-type": type }).reply;
      expect([status, json]).toEqual([200, { channels: ["grüße/☃"], rejected: [] }]);
    }
  });

  // SPEC 42
  it("finds the connection of a client that has left no more", async () => {
    const hub = createHub();
    const live = await open(hub, target);
    const client = await live.open();
    client.destroy();
    await vi.waitFor(() => expect(hub.connectionCount).toBe(0));
    expect(await live.change({ conn: connOf(client), subscribe: ["a"] }).reply).toMatchObject({ status: 409 });
  });

  // SPEC 43
  it("is bounded by what its caller is authorised for", async () => {
    const hub = createHub();
    const live = await open(hub, target, { channels: ["a", "c/1"] });
    const conn = connOf(await live.open("?channels=a"));
    const { json } = await live.change({ conn, subscribe: ["b", "c/*"] }).reply;
    expect(json).toEqual({ channels: ["a", "c/1"], rejected: ["b"] });
  });

  // SPEC 41
  it("whose client leaves in the middle of its body changes nothing and leaves nothing", async () => {
    const hub = createHub();
    const live = await open(hub, target);
    const client = await live.open("?channels=a");
    const call = live.change(undefined);
    call.send(JSON.stringify({ conn: connOf(client), subscribe: ["b"] }));
    await vi.waitFor(() => expect(live.responses).toHaveLength(2));
    const res = live.responses[1]!;
    const left = once(res, "close");
    call.abort();
    await left;
    if (target === "node") expect(["data", "end"].map((name) => res.req.listenerCount(name))).toEqual([0, 0]);
    expect(res.writableEnded).toBe(false);
    await hub.publish("b", 1);
    await hub.publish("a", "end");
    await client.until((text) => text.includes('"end"'));
    expect(client.text()).not.toContain("event: b\n");
  });

  // SPEC 36, 41
  it("whose body does not end is given up after ten seconds, so that the server can close", async () => {
    const { hub, environment } = createTestHub();
    const live = await serveHub(target, hub);
    const call = live.change(undefined);
    call.send('{"conn":');
    await vi.waitFor(() => expect(environment.pending).toBe(1));
    // A Fetch handler cannot close the connection; there the server's own timeout has to end it.
    if (target === "fetch") live.server.keepAliveTimeout = 200;
    const serverClosed = once(live.server, "close");
    live.server.close();
    await hub.close();
    environment.advance(9_999);
    expect(environment.pending).toBe(1);
    environment.advance(1);
    expect(environment.pending).toBe(0);
    const { status, headers, json } = await call.reply;
    expect([status, json["error"]]).toEqual([408, "too-slow"]);
    if (target === "node") expect(headers.connection).toBe("close");
    await serverClosed;
  });

  // SPEC 44, 45
  it("adds what was missed, the marker, and live events, in this order", async () => {
    const hub = createHub({ epoch: "epoch0", heartbeatMs: null });
    const live = await open(hub, target);
    await hub.publish("b", 1);
    await hub.publish("b", 2);
    const client = await live.open("?channels=a");
    const { status } = await live.change({ conn: connOf(client), subscribe: ["b"], since: { b: "epoch0.1" } }).reply;
    expect(status).toBe(200);
    await hub.publish("b", 3);
    await client.until((text) => text.includes("data: 3\n"));
    const { text } = client;
    expect(text().slice(text().indexOf("id: epoch0.2"))).toBe(
      "id: epoch0.2\n\nevent: b\ndata: 2\n\n" +
        'event: sse.subscribed\ndata: {"channel":"b","pos":"2"}\n\nid: epoch0.3\nevent: b\ndata: 3\n\n',
    );
  });

  // SPEC 46
  it.each([
    ["trimmed", "epoch0.0", "epoch0.0"],
    ["epoch", "other1.1", "other1.1"],
    ["bad-id", "nonsense", null],
  ])("announces a gap because of %s", async (reason, since, from) => {
    const hub = createHub({ epoch: "epoch0", history: { size: 1 } });
    const live = await open(hub, target);
    const client = await live.open("?channels=a");
    await hub.publish("b", 1);
    await hub.publish("b", 2);
    await live.change({ conn: connOf(client), subscribe: ["b"], since: { b: since } }).reply;
    await client.until((text) => text.includes("sse.subscribed"));
    expect(client.parse().events.slice(1)).toMatchObject([
      { event: "sse.gap", json: { channels: ["b"], reason, from, to: "epoch0.2" } },
      { event: "sse.subscribed", json: { channel: "b", pos: "2" } },
    ]);
  });

  // SPEC 16, 44, 49
  it("loses and repeats nothing while events are being published", { timeout: 60_000 }, async () => {
    const hub = createHub({ epoch: "epoch0", history: { size: 100_000 } });
    const live = await open(hub, target);
    const burst = fc.array(fc.constantFrom("a", "b"), { maxLength: 20 });
    const rounds = fc.array(fc.tuple(burst, burst, burst), { minLength: 3, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(rounds, async (bursts) => {
        const client = await live.open("?channels=a,b");
        const reader = createReader(client);
        const due: Record<string, number[]> = { a: [], b: [] };
        const publishOne = (channel: string) => {
          const position = Number.parseInt(hub.head.split(".")[1]!, 36) + 1;
          due[channel]!.push(position);
          return hub.publish(channel, position);
        };
        const publish = async (channels: readonly string[]) => {
          for (const [index, channel] of channels.entries()) {
            await publishOne(channel);
            if (index % 3 === 0) await new Promise(setImmediate);
          }
        };
        const conn = connOf(client);
        for (const [first, second, third] of bursts) {
          // Before it is sent: ids that come later may be of a stream that no longer carries the channel.
          const since = reader.drop();
          await Promise.all([publish(first), live.change({ conn, unsubscribe: ["b"] }).reply]);
          await publish(second);
          reader.add();
          const body = { conn, subscribe: ["b"], since: { b: `epoch0.${since.toString(36)}` } };
          await Promise.all([publish(third), live.change(body).reply]);
          await client.until(() => reader.isConfirmed());
        }
        await publishOne("a");
        await client.until(() => reader.cursor() >= due["a"]!.at(-1)!);
        expect(reader.got).toEqual(due);
        client.destroy();
      }),
      { numRuns: 20 },
    );
  });
});

/** Reads a stream of the channels a and b, of which b comes and goes. The data of every event is its position. */
function createReader(client: RawClient) {
  const got: Record<string, number[]> = { a: [], b: [] };
  let read = 0;
  let cursor = 0;
  let isCarried = true;
  let held: number[] | undefined;

  function take() {
    const text = client.text();
    const end = text.lastIndexOf("\n\n") + 2;
    if (end <= read) return;
    for (const block of text.slice(read, end).split("\n\n")) takeBlock(block);
    read = end;
  }

  function takeBlock(block: string) {
    const [id, event, data] = ["id", "event", "data"].map(
      (name) => block.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1],
    );
    if (event === "sse.hello") cursor = Number.parseInt(JSON.parse(data!).pos, 36);
    else if (event === "sse.subscribed") {
      cursor = Number.parseInt(JSON.parse(data!).pos, 36);
      got["b"]!.push(...held!);
      held = undefined;
      isCarried = true;
    } else if (event === "a" || (event === "b" && isCarried)) got[event]!.push(Number(data));
    // With an id and before the marker it was on its way when the channel was dropped, and comes again.
    else if (event === "b" && id === undefined) held!.push(Number(data));
    if (id !== undefined) cursor = Number.parseInt(id.split(".")[1]!, 36);
  }

  take();
  return {
    got,
    cursor() {
      take();
      return cursor;
    },
    isConfirmed() {
      take();
      return isCarried;
    },
    /** Has no use for the channel from now on; returns up to where it has it. */
    drop() {
      take();
      isCarried = false;
      return cursor;
    },
    /** Is about to add the channel again. */
    add() {
      take();
      held = [];
    },
  };
}

/** A change whose body comes as it comes. */
function postRequest(body: ReadableStream, signal: AbortSignal | null = null): Request {
  const init = { method: "POST", headers: { accept: "application/json" }, body, signal, duplex: "half" };
  return new Request("http://x/", init as RequestInit);
}

describe("a change of channels", () => {
  // SPEC 41
  it("takes the body that middleware has read", async () => {
    const hub = createHub();
    onCleanUp(() => hub.close({ spreadMs: 0 }));
    const server = createServer(async (req, res) => {
      if (req.method === "GET") return hub.node(req, res);
      let text = "";
      for await (const chunk of req.setEncoding("utf8")) text += chunk;
      hub.node(Object.assign(req, { body: JSON.parse(text) as unknown }), res);
    });
    const url = await listen(server);
    const client = await openClient(`${url}?channels=`);
    onCleanUp(client.destroy);
    const body = JSON.stringify({ conn: connOf(client), subscribe: ["a"] });
    const answer = await fetch(url, { method: "POST", headers: { accept: "application/json" }, body });
    expect(await answer.json()).toEqual({ channels: ["a"], rejected: [] });
  });

  // SPEC 41
  it("cannot be read from a Fetch request that somebody else has read", async () => {
    const hub = createHub();
    const request = new Request("http://x/", { method: "POST", headers: { accept: "application/json" }, body: "{}" });
    await request.text();
    const answer = await hub.fetch(request);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: "bad-request", message: "The body cannot be read." });
  });

  // SPEC 41
  it("is refused when the body of a Fetch request is locked or breaks off", async () => {
    const hub = createHub();
    const locked = postRequest(new ReadableStream());
    locked.body!.getReader();
    const broken = postRequest(new ReadableStream({ pull: (controller) => controller.error(new Error("broken")) }));
    for (const request of [locked, broken]) {
      expect(await (await hub.fetch(request)).json()).toMatchObject({ message: "The body cannot be read." });
    }
  });

  // SPEC 41
  it.each([
    ["is too slow", 408, "too-slow", (environment: ManualEnvironment) => environment.advance(10_000)],
    [
      "belongs to an aborted request",
      400,
      "bad-request",
      (_: ManualEnvironment, left: AbortController) => left.abort(),
    ],
  ])("stops reading a Fetch body that %s, and leaves nothing", async (_, status, error, end) => {
    const { hub, environment } = createTestHub();
    const left = new AbortController();
    let cancelled = 0;
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("{")),
      cancel() {
        cancelled++;
        throw new Error("cannot be cancelled");
      },
    });
    const answer = hub.fetch(postRequest(body, left.signal));
    expect(environment.pending).toBe(1);
    end(environment, left);
    expect((await answer).status).toBe(status);
    expect(await (await answer).json()).toMatchObject({ error });
    expect([cancelled, environment.pending]).toEqual([1, 0]);
  });

  // SPEC 41, 53
  it("works over HTTP/2, as a poll does", async () => {
    const hub = createHub({ epoch: "epoch0" });
    const server = createHttp2Server((req, res) => hub.node(req, res));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onCleanUp(() => session.destroy());
    onCleanUp(() => server.close());
    onCleanUp(() => hub.close({ spreadMs: 0 }));
    const send = (headers: Record<string, string>, body = "") => {
      const stream = session.request({ ":path": "/events?channels=a", ...headers }).setEncoding("utf8");
      const answer = { text: "", ended: false };
      stream.on("data", (chunk) => {
        answer.text += chunk;
      });
      stream.on("end", () => {
        answer.ended = true;
      });
      if (body !== "") stream.end(body);
      return answer;
    };
    const stream = send({ accept: "text/event-stream" });
    await vi.waitFor(() => expect(stream.text).toContain("sse.hello"));
    const conn = /"conn":"([^"]+)"/.exec(stream.text)![1];
    const post = { ":method": "POST", accept: "application/json" };
    const answer = send(post, JSON.stringify({ conn, subscribe: ["b"] }));
    await vi.waitFor(() => expect(answer.text).toBe('{"channels":["a","b"],"rejected":[]}'));
    const held = send({ accept: "application/json", "last-event-id": "epoch0.0" });
    await hub.publish("a", 1);
    await vi.waitFor(() => expect(held.ended).toBe(true));
    expect(JSON.parse(held.text)).toMatchObject({ events: [{ id: "epoch0.1", event: "a", data: "1" }] });
    expect(stream.text).toContain("sse.subscribed");
  });
});
