import { describe, expect, it, vi } from "vitest";
import { createFetchSession, createHub, type Hub, OptionError, type Session } from "../../src/index.ts";
import { createManualEnvironment, createTestClient, type TestClientOptions } from "../../src/testing/index.ts";

/** A hub on a manual clock, and a way to open clients of it. */
function setUp(options = {}) {
  const environment = createManualEnvironment();
  const hub: Hub = createHub({ environment, epoch: "epoch0", ...options });
  return { hub, environment, open: (own?: TestClientOptions) => createTestClient(hub, { environment, ...own }) };
}

// SPEC 125
describe("expectEvent", () => {
  it("rejects with what came instead", async () => {
    const { hub, open } = setUp();
    const client = await open();
    void hub.publish("a", { n: 1 });
    void hub.publish("b", "x".repeat(200));
    await expect(client.expectEvent("c")).rejects.toThrow(
      /^expectEvent\("c"\) waited in vain: nothing more comes without time passing, and the stream is open\. .*: sse\.hello \{.*…, a \{"n":1\} \(epoch0\.1\), b "x{99}… \(epoch0\.2\)\.$/,
    );
    await expect(client.expectEvent("a", () => false)).rejects.toThrow("waited in vain");
    // Nothing of it counts as read.
    expect(await client.expectEvent()).toEqual({ event: "a", id: "epoch0.1", data: { n: 1 }, text: '{"n":1}' });
    await expect(client.expectEvent("a")).rejects.toThrow(/not read: b "x+…/);
  });

  it("lists no more than ten", async () => {
    const { hub, open } = setUp();
    const client = await open();
    await client.expectEvent("sse.hello");
    for (let n = 1; n <= 12; n++) void hub.publish("a", n);
    await expect(client.expectEvent("b")).rejects.toThrow(/a 10 \(epoch0\.a\), and 2 more\.$/);
  });

  it("rejects when the server ends the stream, the link is lost or the client is closed, and says which", async () => {
    const { hub, environment, open } = setUp();
    const [ended, dropped, closed] = [await open(), await open(), await open()];
    dropped.drop();
    closed.close();
    void hub.close({ spreadMs: 0 });
    await environment.advance(0);
    await expect(ended.expectEvent("a")).rejects.toThrow(/the server has ended it.*sse\.bye \{"reason":"shutdown"/);
    await expect(dropped.expectEvent("a")).rejects.toThrow("the link is broken, call reconnect()");
    await expect(closed.expectEvent("a")).rejects.toThrow("the client is closed");
    expect([ended.state, dropped.state, closed.state]).toEqual(["ended", "broken", "closed"]);
  });

  it("rejects with what a predicate throws, and goes on after it", async () => {
    const { hub, open } = setUp();
    const client = await open();
    void hub.publish("a", 1);
    const wrong = () => {
      throw new Error("mine");
    };
    await expect(client.expectEvent(wrong)).rejects.toThrow("mine");
    expect((await client.expectEvent("a")).data).toBe(1);
  });

  it("passes over what does not match, which counts as read then", async () => {
    const { hub, open } = setUp();
    const client = await open();
    for (const n of [1, 2, 3]) void hub.publish("a", { n });
    expect((await client.expectEvent("a", ({ data }) => (data as { n: number }).n === 2)).id).toBe("epoch0.2");
    expect((await client.expectEvent(({ text }) => text.includes("3"))).id).toBe("epoch0.3");
    await expect(client.expectEvent(() => true)).rejects.toThrow("not read: nothing");
    expect(client.events.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it("finds events of the protocol by name only", async () => {
    const { environment, open } = setUp();
    const client = await open({ stream: { expiresAt: environment.date() + 60_000 } });
    await environment.advance(60_000);
    await expect(client.expectEvent(() => true)).rejects.toThrow("sse.bye");
    expect((await client.expectEvent("sse.bye")).data).toMatchObject({ reason: "expired" });
    expect(await client.expectEnd()).toBe("ended");
    expect(client.events).toEqual([]);
  });

  it("gives text that is no JSON as it is", async () => {
    const { hub, open } = setUp();
    const client = await open();
    void hub.publish("a", "one\ntwo", { raw: true });
    expect(await client.expectEvent("a")).toMatchObject({ data: "one\ntwo", text: "one\ntwo" });
  });

  it("takes no real time on a manual clock, however long is waited for", async () => {
    const { hub, environment, open } = setUp();
    vi.useFakeTimers();
    try {
      const client = await open({ timeoutMs: 1 });
      environment.setTimer(() => void hub.publish("a", 1), 3_600_000);
      await expect(client.expectEvent("a")).rejects.toThrow("without time passing");
      await environment.advance(3_600_000);
      expect((await client.expectEvent("a")).data).toBe(1);
      expect(client.comments.length).toBeGreaterThan(200);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("gives up on the real clock when its time is over", async () => {
    const client = await createTestClient(createHub(), { timeoutMs: 5 });
    await expect(client.expectEvent("a")).rejects.toThrow("5 ms were not enough, and the stream is open");
    await expect(client.expectEnd()).rejects.toThrow("expectEnd() waited in vain");
    client.close();
  });

  it("waits on the real clock for what comes, and no longer than the stream lasts", async () => {
    const hub = createHub();
    const client = await createTestClient(hub, { timeoutMs: 3_600_000 });
    const [first, second] = [client.expectEvent("a"), client.expectEvent("b")];
    await hub.publish("a", 1);
    await hub.publish("b", 2);
    expect([(await first).data, (await second).data]).toEqual([1, 2]);
    const third = client.expectEvent("a");
    const end = client.expectEnd();
    await hub.close({ spreadMs: 0 });
    await expect(third).rejects.toThrow("the server has ended it");
    expect(await end).toBe("ended");
  });
});

// SPEC 125
describe("a test client", () => {
  it.each<[string, unknown]>([
    ["channel", { channel: "a" }],
    ["user", { user: "ann" }],
  ])("does not know the option %s", async (option, options) => {
    const { hub, open } = setUp();
    await expect(open(options as TestClientOptions)).rejects.toThrow(OptionError);
    await expect(open(options as TestClientOptions)).rejects.toThrow(`"${option}"`);
    const client = await createTestClient(hub, { connect: false });
    await expect(client.reconnect(options as TestClientOptions)).rejects.toThrow(OptionError);
    expect(client.state).toBe("idle");
  });

  it("rejects with what the handler throws", async () => {
    const { open } = setUp();
    await expect(open({ stream: { user: "" } })).rejects.toThrow(OptionError);
    const failing = () => {
      throw new Error("mine");
    };
    await expect(createTestClient({ fetch: failing })).rejects.toThrow("mine");
  });

  it("shows an answer that is no stream", async () => {
    const { open } = setUp({ authorize: () => new Response("Who are you?", { status: 401 }) });
    const client = await open();
    expect([client.state, client.status, client.text]).toEqual(["refused", 401, "Who are you?"]);
    expect(() => client.hello).toThrow('the answer was 401 "Who are you?"');
    await expect(client.expectEvent()).rejects.toThrow('the answer was 401 "Who are you?"');
    await expect(client.expectEnd()).rejects.toThrow("the answer was 401");
    expect(() => client.drop()).toThrow("drop() needs an open stream: the answer was 401");
  });

  it("refuses what makes no sense in its state", async () => {
    const { open } = setUp();
    const idle = await open({ connect: false });
    for (const control of ["drop", "pause", "resume"] as const)
      expect(() => idle[control]()).toThrow(`${control}() needs an open stream: there was none so far`);
    await expect(idle.read()).rejects.toThrow("read() needs an open stream");
    await expect(idle.change({})).rejects.toThrow("There is no sse.hello");
    const client = await open();
    await expect(client.reconnect()).rejects.toThrow("reconnect(): the stream is open. Call drop() first.");
    await expect(client.poll()).rejects.toThrow("poll(): the stream is open. Call drop() first.");
    await expect(client.read()).rejects.toThrow("the client reads by itself");
    for (const bytes of [-1, 0.5, Number.NaN]) expect(() => client.cutAfter(bytes)).toThrow(RangeError);
    client.close();
    client.close();
    await expect(client.reconnect()).rejects.toThrow("the client is closed");
    await expect(client.poll()).rejects.toThrow("the client is closed");
  });

  it("leaves nothing in the hub, whichever way it goes", async () => {
    const { hub, environment, open } = setUp();
    const clients = [await open(), await open(), await open({ slow: true }), await open({ slow: true })];
    expect(hub.connectionCount).toBe(4);
    clients[0]!.drop();
    clients[1]!.close();
    clients[2]!.drop();
    clients[3]!.close();
    await environment.settle();
    expect([hub.connectionCount, environment.pending]).toEqual([0, 0]);
  });

  it("tells a handler by the signal of its request that it is gone, whichever way it goes", async () => {
    const requests: Request[] = [];
    const { hub } = setUp();
    const fetch = (request: Request) => {
      requests.push(request);
      return hub.fetch(request);
    };
    const [dropped, closed] = [await createTestClient({ fetch }), await createTestClient({ fetch })];
    expect(requests.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    dropped.drop();
    closed.close();
    expect(requests.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });

  it("leaves no timer behind where it has waited on the real clock", async () => {
    const hub = createHub({ heartbeatMs: null });
    const [client, slow] = [await createTestClient(hub), await createTestClient(hub, { slow: true })];
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const expected = client.expectEvent("a");
      expect(vi.getTimerCount()).toBe(1);
      await hub.publish("a", 1);
      await expected;
      await slow.read();
      await Promise.resolve();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
    for (const each of [client, slow]) each.close();
  });

  it("sends its headers, its address and its options along with every request", async () => {
    const seen: unknown[] = [];
    const { hub } = setUp({
      authorize({ bearer, query, purpose }: { bearer?: string; query: URLSearchParams; purpose: string }) {
        seen.push([purpose, bearer, query.get("token")]);
        return { channels: ["a"] };
      },
    });
    const client = await createTestClient(hub, {
      url: "/stream?token=t",
      headers: { authorization: "Bearer b" },
      stream: { user: "ann", headers: { "x-own": "1" } },
    });
    expect(hub.connectionsOf("ann")).toHaveLength(1);
    expect(client.headers.get("x-own")).toBe("1");
    await client.change({ subscribe: ["b"] });
    client.drop();
    await client.poll({ wait: false });
    expect(seen.map((each) => (each as string[]).slice(1))).toEqual([
      ["b", "t"],
      ["b", "t"],
      ["b", "t"],
    ]);
    expect(new Set(seen.map((each) => (each as string[])[0])).size).toBe(3);
  });

  it("shows how the stream began, and its comments", async () => {
    const { environment, open } = setUp({ padding: 100 });
    const client = await open({ channels: ["b", "a"] });
    expect(client.hello).toMatchObject({ channels: ["a", "b"], resume: "fresh", conn: expect.any(String) });
    expect(client.lastEventId).toBe("epoch0.0");
    await environment.advance(15_000);
    await environment.settle();
    expect(client.comments.map(({ length }) => length)).toEqual([96, 0]);
  });

  it("iterates over the application's events until the stream is over, and from where it was left", async () => {
    const { hub, environment, open } = setUp();
    const client = await open();
    const seen: unknown[] = [];
    for (const n of [1, 2, 3]) void hub.publish("a", n);
    for await (const { data } of client) {
      seen.push(data);
      if (seen.length === 2) break;
    }
    expect((await client.expectEvent()).data).toBe(3);
    const rest = (async () => {
      for await (const { data } of client) seen.push(data);
    })();
    // Longer than there is anything to do without time passing.
    await environment.settle();
    await environment.settle();
    void hub.publish("a", 4);
    void hub.close({ spreadMs: 0 });
    await environment.advance(0);
    await rest;
    expect(seen).toEqual([1, 2, 4]);
  });

  it("speaks to any handler, also one of a session or of a plain stream", async () => {
    let session: Session | undefined;
    const client = await createTestClient({
      fetch(request) {
        const opened = createFetchSession(request);
        session = opened.session;
        return opened.response;
      },
    });
    expect(await client.expectEvent("welcome")).toMatchObject({ data: { id: session?.id } });
    await session?.send({ event: "progress", data: { percent: 10 }, id: "7" });
    expect(await client.expectEvent("progress")).toMatchObject({ id: "7", data: { percent: 10 } });
    client.drop();
    await client.reconnect();
    expect(session?.lastEventId).toBe("7");
    client.close();
    const plain = new Response("data: 1\n\n", { headers: { "content-type": "text/event-stream" } });
    const other = await createTestClient({ fetch: () => plain });
    expect(await other.expectEvent("message")).toMatchObject({ data: 1, id: undefined });
    expect(await other.expectEnd()).toBe("ended");
  });
});
