import { once } from "node:events";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect as connectTcp } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Decision } from "../src/index.ts";
import { PROTOCOLS, serveOver } from "./support/exchange.ts";
import { changeRequest, createFakeResponse } from "./support/fake-response.ts";
import { cleanUp, onCleanUp, serveHub, type Target } from "./support/live-server.ts";
import { createTestHub } from "./support/test-hub.ts";

afterEach(cleanUp);

const HEAD = "POST /events HTTP/1.1\r\nhost: x\r\naccept: application/json\r\n";

function createGuardedHub() {
  const authorize = vi.fn((): Decision => ({}));
  const test = createTestHub({ authorize });
  onCleanUp(() => test.hub.close({ spreadMs: 0 }));
  return { ...test, authorize };
}

async function serve(target: Target) {
  const { hub, environment, authorize } = createGuardedHub();
  const { url } = await serveHub(target, hub);
  const socket = connectTcp({ port: Number(new URL(url).port), host: "127.0.0.1" });
  onCleanUp(() => socket.destroy());
  const got = { text: "", isClosed: false };
  socket.setEncoding("utf8").on("data", (chunk) => {
    got.text += chunk;
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    got.isClosed = true;
  });
  const until = (text: string) => vi.waitFor(() => expect(got.text).toContain(text));
  return { hub, environment, authorize, socket, got, until };
}

describe.each(PROTOCOLS)("a change over %s that says it is too large", (protocol) => {
  // SPEC 132
  it("is answered with 413, and nobody is asked", async () => {
    const { hub, environment, authorize } = createGuardedHub();
    const send = await serveOver(protocol, hub);
    const call = { method: "POST", body: "x".repeat(65_537) };
    const headers = { accept: "application/json", "content-length": "65537" };
    for (let turn = 0; turn < 3; turn++) {
      const { status, headers: got, text } = await send({ ...call, headers }).reply;
      expect([status, got["content-type"], got["cache-control"]]).toEqual([413, "application/json", "no-store"]);
      expect(JSON.parse(await text)).toMatchObject({ error: "too-large" });
    }
    expect(authorize).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(environment.pending).toBe(0));
    const fitting = { method: "POST", headers: { ...headers, "content-length": "65536" }, body: "x".repeat(65_536) };
    expect((await send(fitting).reply).status).toBe(400);
  });
});

describe.each(["node", "fetch"] as const)("a body that is too large behind the %s target", (target) => {
  // SPEC 132
  it("is answered before any of it has come", async () => {
    const { environment, socket, got, until } = await serve(target);
    socket.write(`${HEAD}content-length: 9999999999\r\nexpect: 100-continue\r\n\r\n`);
    await until('"too-large"');
    expect(got.text).toContain("HTTP/1.1 413");
    expect([got.isClosed, environment.pending]).toEqual([false, 1]);
  });

  // SPEC 132
  it.each([
    ["a length", "content-length: 3000000\r\n\r\n", ""],
    ["chunks", `transfer-encoding: chunked\r\n\r\n${(3_000_000).toString(16)}\r\n`, "\r\n0\r\n\r\n"],
  ])("with %s may be sent to its end, and the connection used further", async (_, start, end) => {
    const { environment, socket, got, until } = await serve(target);
    socket.write(HEAD + start);
    // One that reads nothing before it has sent everything.
    socket.pause();
    socket.write("x".repeat(3_000_000) + end);
    await vi.waitFor(() => expect(socket.bytesWritten).toBeGreaterThan(3_000_000));
    socket.resume();
    await until('"too-large"');
    await vi.waitFor(() => expect(environment.pending).toBe(0));
    socket.write(`${HEAD}content-length: 2\r\n\r\n{}`);
    await until('"bad-request"');
    expect(got.text.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 413", "HTTP/1.1 400"]);
  });

  // SPEC 132
  it.each([
    ["a length", "content-length: 9999999999\r\n\r\n"],
    ["chunks", `transfer-encoding: chunked\r\n\r\n${(9_999_999).toString(16)}\r\n`],
  ])("with %s that does not end ends the connection after ten seconds", async (_, start) => {
    const { environment, socket, got, until } = await serve(target);
    socket.write(`${HEAD}${start}${"x".repeat(70_000)}`);
    await until('"too-large"');
    socket.write("x".repeat(70_000));
    environment.advance(9_999);
    expect([got.isClosed, environment.pending]).toEqual([false, 1]);
    environment.advance(1);
    // A Fetch handler cannot close the connection; it only stops reading.
    if (target === "node") await vi.waitFor(() => expect(got.isClosed).toBe(true));
    await vi.waitFor(() => expect(environment.pending).toBe(0));
  });

  // SPEC 132
  it("leaves nothing when its client leaves", async () => {
    const { environment, socket, until } = await serve(target);
    socket.write(`${HEAD}content-length: 9999999999\r\n\r\nxxx`);
    await until('"too-large"');
    socket.resetAndDestroy();
    // Of a client that leaves after the answer no Fetch handler is told.
    if (target === "fetch") environment.advance(10_000);
    await vi.waitFor(() => expect(environment.pending).toBe(0));
  });
});

describe("a Fetch body that is too large", () => {
  function createBody(chunk: number) {
    const seen = { pulled: 0, cancelled: 0 };
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        seen.pulled++;
        if (seen.pulled <= 3) controller.enqueue(new Uint8Array(chunk));
      },
      cancel() {
        seen.cancelled++;
        throw new Error("cannot be cancelled");
      },
    });
    return { seen, body };
  }

  // SPEC 132
  it.each([
    ["says so", 1, { "content-length": "70000" }],
    ["turns out to be", 70_000, {}],
  ])("and %s is answered at once, and called off after ten seconds", async (_, chunk, headers) => {
    const { hub, environment } = createGuardedHub();
    const { seen, body } = createBody(chunk);
    const left = new AbortController();
    const init = { method: "POST", headers: { accept: "application/json", ...headers }, body, duplex: "half" };
    const answer = await hub.fetch(new Request("http://x/", { ...init, signal: left.signal } as RequestInit));
    expect(answer.status).toBe(413);
    // Servers do that once they have sent the answer.
    left.abort();
    await vi.waitFor(() => expect(seen.pulled).toBeGreaterThan(3));
    expect([seen.cancelled, environment.pending]).toEqual([0, 1]);
    environment.advance(10_000);
    expect([seen.cancelled, environment.pending]).toEqual([1, 0]);
  });

  // SPEC 132
  it("but taken by somebody else is left alone", async () => {
    const { hub, environment } = createGuardedHub();
    const headers = { accept: "application/json", "content-length": "70000" };
    const request = new Request("http://x/", { method: "POST", headers, body: "x" });
    request.body!.getReader();
    expect((await hub.fetch(request)).status).toBe(413);
    expect(environment.pending).toBe(0);
  });
});

describe("a body that is too large but parsed", () => {
  // SPEC 41, 132
  it("is taken as middleware has made it", () => {
    const { hub } = createTestHub();
    const res = createFakeResponse();
    const request = changeRequest({ conn: "x" });
    hub.node({ ...request, headers: { ...request.headers, "content-length": "70000" } }, res);
    expect(res.statusCode).toBe(409);
  });
});

describe("a body that is too large over HTTP/2", () => {
  // SPEC 132
  it.each(["a length", "no length"])("with %s ends with its stream and harms no other", async (kind) => {
    const { hub, environment } = createGuardedHub();
    const server = createHttp2Server((req, res) => hub.node(req, res));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onCleanUp(() => server.close());
    onCleanUp(() => session.destroy());
    const accept = { ":method": "POST", ":path": "/", accept: "application/json" };
    const request = session.request(kind === "a length" ? { ...accept, "content-length": "9999999" } : accept);
    request.on("error", () => {});
    if (kind === "no length") request.write("x".repeat(70_000));
    let text = "";
    request.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    const [headers] = await once(request, "response");
    expect(headers[":status"]).toBe(413);
    await vi.waitFor(() => expect(text).toContain("too-large"));
    if (kind === "no length") {
      expect(request.closed).toBe(false);
      environment.advance(10_000);
    }
    await vi.waitFor(() => expect(request.closed).toBe(true));
    await vi.waitFor(() => expect(environment.pending).toBe(0));
    const other = session.request({ ":path": "/", accept: "application/json" });
    const [got] = await once(other, "response");
    expect(got[":status"]).toBe(200);
    other.close();
  });
});
