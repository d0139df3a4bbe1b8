import { describe, expect, it } from "vitest";
import type { Decision } from "../src/index.ts";
import { createFakeResponse, streamRequest } from "./support/fake-response.ts";
import { connect, createTestHub, settle } from "./support/test-hub.ts";

/** A body of pieces that are made when they are asked for. */
function countedBody(pieces: number) {
  const seen = { pulled: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.pulled++ < pieces) controller.enqueue(new Uint8Array(10).fill(97));
        else controller.close();
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { seen, body };
}

function hubThat(decide: () => Decision) {
  return createTestHub({ authorize: decide, onError() {} }).hub;
}

describe("a Response of authorize", () => {
  // SPEC 58
  it("is read no faster than it is taken, and to the end", async () => {
    const { seen, body } = countedBody(5);
    const hub = hubThat(() => new Response(body, { status: 402 }));
    const res = createFakeResponse();
    res.stalled = true;
    hub.node(streamRequest(), res);
    await settle();
    expect([res.statusCode, seen.pulled, res.writes.length]).toEqual([402, 1, 1]);
    res.drain();
    await settle();
    expect([seen.pulled, res.text, res.ended, res.listeners]).toEqual([6, "a".repeat(50), true, 0]);
  });

  // SPEC 58, 59
  it.each(["while it waits", "between two pieces"])("is cancelled when the client leaves %s", async (when) => {
    const { seen, body } = countedBody(1_000_000);
    const hub = hubThat(() => new Response(body));
    const res = createFakeResponse();
    const { write } = res;
    res.stalled = when === "while it waits";
    res.write = (chunk) => {
      if (!res.stalled && seen.pulled === 2) res.leave();
      return write(chunk);
    };
    hub.node(streamRequest(), res);
    await settle();
    res.leave();
    await settle();
    expect([seen.cancelled, seen.pulled <= 3, res.ended, res.listeners]).toEqual([true, true, false, 0]);
  });

  // SPEC 58
  it("that breaks off breaks off the answer", async () => {
    const body = new ReadableStream({
      pull() {
        throw new Error("broken");
      },
    });
    const { res } = connect(hubThat(() => new Response(body)));
    await settle();
    expect(res).toMatchObject({ ended: false, destroyed: true, listeners: 0 });
  });

  // SPEC 58
  it("is called off when its head cannot be sent, or the answer cannot be written", async () => {
    for (const broken of ["setHeader", "write"] as const) {
      const { seen, body } = countedBody(1_000_000);
      const res = createFakeResponse();
      res[broken] = () => {
        throw new Error("broken");
      };
      // A real one tells of its end later.
      res.destroy = () => {
        res.destroyed = true;
      };
      hubThat(() => new Response(body, { headers: { "x-own": "1" } })).node(streamRequest(), res);
      await settle();
      expect([broken, seen.cancelled, res.destroyed, res.listeners]).toEqual([broken, true, true, 0]);
    }
  });

  // SPEC 58
  it("is called off when somebody else ends the answer", async () => {
    const { seen, body } = countedBody(1_000_000);
    const res = createFakeResponse();
    const { write } = res;
    res.write = (chunk) => {
      write(chunk);
      // What is still to be sent keeps it open.
      res.stalled = seen.pulled === 2;
      if (res.stalled) res.end();
      return true;
    };
    hubThat(() => new Response(body)).node(streamRequest(), res);
    await settle();
    expect([seen.cancelled, res.ended, res.listeners]).toEqual([true, true, 0]);
  });

  // SPEC 58
  it.each([{ body: { pipe() {} }, headers: new Headers() }, { body: null, headers: new Map() }, { body: null }])(
    "that is of a package with streams of its own is an error: %j",
    async (parts) => {
      const foreign = { status: 401, bodyUsed: false, ...parts, [Symbol.toStringTag]: "Response" };
      const errors: unknown[] = [];
      const { hub } = createTestHub({ authorize: () => foreign as never, onError: (error) => errors.push(error) });
      const { res } = connect(hub);
      const fetched = await hub.fetch(new Request("http://x/"));
      expect([res.statusCode, fetched.status]).toEqual([500, 500]);
      expect(errors).toMatchObject([{ code: "invalid-grant" }, { code: "invalid-grant" }]);
      expect(String(errors[0])).toContain("Use the global Response");
    },
  );

  // SPEC 58
  it("keeps what concerns a connection to itself", async () => {
    const headers = { connection: "close", "keep-alive": "timeout=5", "transfer-encoding": "chunked", "x-own": "1" };
    const { res } = connect(hubThat(() => new Response(null, { status: 204, headers })));
    await settle();
    expect([...res.headers]).toEqual([["x-own", "1"]]);
    expect(res).toMatchObject({ statusCode: 204, ended: true });
  });

  // SPEC 58
  it("can be one with immutable headers, on both targets and with cors", async () => {
    const hub = createTestHub({
      authorize: () => Response.redirect("https://id.example/login", 303),
      cors: { origins: "*" },
    }).hub;
    const { status, headers } = await hub.fetch(new Request("http://x/", { headers: { origin: "https://a.example" } }));
    expect([status, headers.get("location"), headers.get("access-control-allow-origin")]).toEqual([
      303,
      "https://id.example/login",
      "*",
    ]);
    const { res } = connect(hub);
    await settle();
    expect([res.statusCode, res.headers.get("location")]).toEqual([303, "https://id.example/login"]);
  });

  // SPEC 58
  it("made once for all is an error from the second time on", async () => {
    const once = new Response("no", { status: 401 });
    const hub = hubThat(() => once);
    const [first, second] = [connect(hub), connect(hub)];
    await settle();
    expect([first.res.statusCode, second.res.statusCode]).toEqual([401, 500]);
  });
});
