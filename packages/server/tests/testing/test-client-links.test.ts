import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHub, type Hub } from "../../src/index.ts";
import { createManualEnvironment, createTestClient, type TestClientOptions } from "../../src/testing/index.ts";

function setUp(options = {}) {
  const environment = createManualEnvironment();
  const hub: Hub = createHub({ environment, epoch: "epoch0", ...options });
  return { hub, environment, open: (own?: TestClientOptions) => createTestClient(hub, { environment, ...own }) };
}

// SPEC 126
describe("a test client whose link breaks", () => {
  it("loses what was on the way, and gets it after it has come back", async () => {
    const { hub, environment, open } = setUp();
    const client = await open();
    void hub.publish("a", 1);
    await client.expectEvent("a");
    void hub.publish("a", 2);
    environment.endTick();
    client.drop();
    await environment.settle();
    expect(client.events.map(({ data }) => data)).toEqual([1]);
    void hub.publish("a", 3);
    await client.reconnect();
    expect(client.hello).toMatchObject({ resume: "resumed", replayed: 2 });
    expect((await client.expectEvent("a")).data).toBe(2);
    expect((await client.expectEvent("a")).data).toBe(3);
    expect(client.gaps).toEqual([]);
  });

  it("is told of what the history does not hold any more", async () => {
    const { hub, open } = setUp({ history: { size: 2 } });
    const client = await open({ channels: ["a", "b"] });
    client.drop();
    for (const n of [1, 2, 3]) void hub.publish("a", n);
    void hub.publish("b", 4);
    await client.reconnect();
    expect((await client.expectEvent("sse.gap")).data).toMatchObject({ channels: ["a"], reason: "trimmed" });
    expect(client.gaps).toEqual([{ channels: ["a"], reason: "trimmed", from: "epoch0.0", to: "epoch0.4" }]);
    expect((await client.expectEvent()).data).toBe(4);
  });

  it("comes back with another position, other channels and other credentials where it is told to", async () => {
    const { hub, open } = setUp({ authorize: ({ bearer }: { bearer?: string }) => (bearer === "new" ? {} : null) });
    void hub.publish("a", 1);
    void hub.publish("b", 2);
    const client = await open();
    expect(client.status).toBe(403);
    await client.reconnect({ headers: { authorization: "Bearer new" }, channels: ["b"], lastEventId: "epoch0.0" });
    expect(client.hello).toMatchObject({ channels: ["b"], resume: "resumed", replayed: 1 });
    client.drop();
    await client.reconnect({ lastEventId: "caf\u00E9 \u20AC" });
    expect(client.gaps).toMatchObject([{ reason: "bad-id", from: null }]);
  });

  it("rejects what is under way when it is dropped before the answer", async () => {
    const { hub, environment, open } = setUp({
      authorize: ({ bearer }: { bearer?: string }) => (bearer ? new Promise(() => {}) : {}),
    });
    const client = await open();
    client.drop();
    const coming = client.reconnect({ headers: { authorization: "Bearer x" } });
    expect(client.state).toBe("connecting");
    await expect(client.reconnect()).rejects.toThrow("the client is connecting");
    client.drop();
    await expect(coming).rejects.toThrow("dropped before there was an answer");
    expect([client.state, hub.connectionCount]).toEqual(["broken", 0]);
    const polled = client.poll();
    client.drop();
    await expect(polled).rejects.toThrow("dropped before there was an answer");
    await client.reconnect({ headers: {} });
    const changed = client.change({ subscribe: ["a"] });
    client.drop();
    await expect(changed).rejects.toThrow("dropped before there was an answer");
    expect([client.state, hub.connectionCount]).toEqual(["broken", 0]);
    const again = client.reconnect({ headers: { authorization: "Bearer x" } });
    client.close();
    await expect(again).rejects.toThrow("dropped before there was an answer");
    await environment.settle();
    expect([client.state, environment.pending]).toEqual(["closed", 0]);
  });

  it("is cut after exactly so many bytes, of this stream or of the next one", async () => {
    const { hub, environment, open } = setUp({ heartbeatMs: null });
    const client = await open();
    const block = "id: epoch0.1\nevent: a\ndata: 1\n\n".length;
    client.cutAfter(block - 1);
    void hub.publish("a", 1);
    await environment.settle();
    expect([client.state, client.events]).toEqual(["broken", []]);
    client.cutAfter(0);
    await client.reconnect();
    expect([client.state, hub.connectionCount]).toEqual(["broken", 0]);
    expect(() => client.hello).toThrow("the link is broken");
    await client.reconnect();
    client.cutAfter(2 * block);
    void hub.publish("a", 2);
    await environment.settle();
    expect(client.state).toBe("open");
    void hub.publish("a", 3);
    await environment.settle();
    expect([client.state, client.events.map(({ data }) => data)]).toEqual(["broken", [1, 2, 3]]);
  });

  it("gets everything once, wherever its links are cut: first messages, replays, added channels and live events", async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cuts, async (bytes) => {
        const { hub, environment, open } = setUp({ initial: { a: "last", b: 2 }, channels: { a: {}, b: {}, c: {} } });
        const published: Record<string, number[]> = { a: [], b: [], c: [] };
        let count = 0;
        const publish = (...names: string[]) => {
          for (const name of names) void hub.publish(name, published[name]!.push(++count) && count);
        };
        const client = await open({ channels: ["a", "b"], connect: false });
        const carry = async () => {
          if (client.state !== "open" || client.hello.channels.includes("c")) return;
          await client.change({ subscribe: ["c"], since: { c: "epoch0.0" } });
          await environment.settle();
        };
        publish("a", "a", "b", "b", "b", "c");
        for (const cut of bytes) {
          client.cutAfter(cut);
          await client.reconnect();
          publish("a", "b", "c");
          await environment.settle();
          await carry();
          if (client.state === "open") client.drop();
        }
        await client.reconnect();
        await carry();
        publish("a", "b", "c");
        await environment.settle();
        for (const [name, all] of Object.entries(published)) {
          const seen = client.events.flatMap(({ event, data }) => (event === name ? [data as number] : []));
          // Of the others it gets what is there from its beginning on.
          expect(seen).toEqual(name === "c" ? all : all.slice(all.indexOf(seen[0]!)));
        }
        expect(client.gaps).toEqual([]);
        client.close();
        await environment.settle();
        expect([hub.connectionCount, environment.pending]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  it("is where sse.hello says if there are no first messages, even if nothing else arrives", async () => {
    const hello = JSON.stringify({ epoch: "epoch0", pos: "1a", resume: "fresh", replayed: 0 });
    const cutShort = () =>
      new Response(`event: sse.hello\ndata: ${hello}\n\n`, { headers: { "content-type": "text/event-stream" } });
    const client = await createTestClient({ fetch: cutShort });
    expect([client.state, client.lastEventId]).toEqual(["ended", "epoch0.1a"]);
  });

  it("counts first messages when all of them are there, and forgets them when the link breaks before", async () => {
    const { hub, environment, open } = setUp({ initial: 2 });
    void hub.publish("a", 1);
    void hub.publish("a", 2);
    const client = await open({ slow: true });
    await client.read();
    expect([client.events.length, client.lastEventId]).toEqual([2, "epoch0.2"]);
    client.close();

    const other = await open({ connect: false });
    for (let cut = 1; ; cut++) {
      other.cutAfter(cut);
      await other.reconnect();
      await environment.settle();
      if (other.events.length > 0) break;
      expect(other.lastEventId).toBeUndefined();
      expect(cut).toBeLessThan(1_000);
      if (other.state === "open") other.drop();
    }
    // Not even one of them was seen before.
    expect(other.events.map(({ data }) => data)).toEqual([1, 2]);
  });
});

// SPEC 126
describe("a test client that changes its channels", () => {
  it("shows a refusal, and asks for the same channels as before", async () => {
    const { hub, open } = setUp({ channels: { a: {}, b: {} } });
    const client = await open({ channels: ["a"] });
    expect(await client.change({ conn: "nobody", subscribe: ["b"], unsubscribe: ["a"] })).toMatchObject({
      status: 409,
      error: "unknown-conn",
      channels: [],
      rejected: [],
    });
    expect(await client.change({ subscribe: [""] })).toMatchObject({ status: 400, error: "bad-request" });
    expect(await client.change({ subscribe: ["c"] })).toMatchObject({ status: 200, rejected: ["c"], channels: ["a"] });
    client.drop();
    await client.reconnect();
    expect(client.hello.channels).toEqual(["a"]);
    expect(hub.connectionCount).toBe(1);
  });

  it("asks for what it carries when it comes back, and no more", async () => {
    const { hub, open } = setUp();
    const client = await open({ channels: ["a", "b"] });
    void hub.publish("c", 1);
    const since = { c: "epoch0.0" };
    expect(await client.change({ subscribe: ["c"], unsubscribe: ["b"], since })).toMatchObject({
      status: 200,
      channels: ["a", "c"],
    });
    expect((await client.expectEvent("c")).id).toBeUndefined();
    expect((await client.expectEvent("sse.subscribed")).data).toEqual({ channel: "c", pos: "1" });
    expect(client.lastEventId).toBe("epoch0.1");
    client.drop();
    void hub.publish("b", 2);
    void hub.publish("c", 3);
    await client.reconnect();
    expect(client.hello.channels).toEqual(["a", "c"]);
    expect((await client.expectEvent()).data).toBe(3);
  });

  it("does not carry a channel whose marker has not come, nor see its events", async () => {
    const { hub, open } = setUp();
    void hub.publish("b", 1);
    const client = await open({ channels: ["a"] });
    client.cutAfter("event: b\ndata: 1\n\n".length);
    await client.change({ subscribe: ["b"], since: { b: "epoch0.0" } });
    await expect(client.expectEvent("b")).rejects.toThrow("the link is broken");
    await client.reconnect();
    expect([client.hello.channels, client.events]).toEqual([["a"], []]);
  });

  it("begins with what the stream carried where it had named no channels", async () => {
    const { open } = setUp({ channels: { a: {}, b: {}, c: {} } });
    const client = await open();
    await client.change({ unsubscribe: ["b"] });
    client.drop();
    await client.reconnect();
    expect(client.hello.channels).toEqual(["a", "c"]);
  });

  it("keeps a name that it drops and adds in one request", async () => {
    const { environment, open } = setUp();
    const client = await open({ channels: ["a"] });
    await client.change({ subscribe: ["a"], unsubscribe: ["a"] });
    await environment.settle();
    client.drop();
    await client.reconnect();
    expect(client.hello.channels).toEqual(["a"]);
  });
});

// SPEC 126
describe("a test client that polls", () => {
  it("shows a refusal, which moves nothing", async () => {
    const { open } = setUp({ authorize: () => null });
    const client = await open({ connect: false, lastEventId: "epoch0.0" });
    expect(await client.poll()).toMatchObject({ status: 403, error: "forbidden", events: [], gaps: [], id: undefined });
    expect(client.lastEventId).toBe("epoch0.0");
  });

  it("moves with every answer, and can go on with a stream", async () => {
    const { hub, environment, open } = setUp({ history: { size: 2 } });
    const client = await open({ connect: false, channels: ["a"] });
    expect(await client.poll()).toMatchObject({ status: 200, events: [], id: "epoch0.0", gaps: [] });
    void hub.publish("a", { n: 1 });
    expect((await client.poll()).events).toEqual([{ event: "a", id: "epoch0.1", data: { n: 1 }, text: '{"n":1}' }]);
    const held = client.poll();
    void hub.publish("a", 2);
    expect((await held).events).toMatchObject([{ data: 2 }]);
    const silent = client.poll();
    await environment.settle();
    await environment.advance(25_000);
    expect(await silent).toMatchObject({ status: 200, events: [], id: "epoch0.2" });
    expect(await client.poll({ wait: false })).toMatchObject({ events: [] });
    for (const n of [3, 4, 5]) void hub.publish("a", n);
    expect((await client.poll()).gaps).toMatchObject([{ reason: "trimmed" }]);
    expect(client.gaps).toHaveLength(1);
    void hub.publish("a", 6);
    await client.reconnect();
    expect((await client.expectEvent("a")).data).toBe(6);
    expect(environment.pending).toBe(1);
  });
});

// SPEC 126
describe("a test client that reads slowly", () => {
  it("has read nothing until it is told to, chunk by chunk", async () => {
    const { hub, environment, open } = setUp();
    const client = await open({ slow: true });
    expect(() => client.hello).toThrow("the client is paused");
    for (const n of [1, 2]) {
      void hub.publish("a", n);
      environment.endTick();
    }
    await expect(client.expectEvent("a")).rejects.toThrow("the client is paused, call resume() or read()");
    expect(await client.read()).toBe(true);
    expect([client.hello.pos, client.events.length]).toEqual(["0", 0]);
    await client.read();
    expect(client.events.map(({ data }) => data)).toEqual([1]);
    client.resume();
    client.resume();
    expect((await client.expectEvent(({ data }) => data === 2)).id).toBe("epoch0.2");
    client.pause();
    client.pause();
    await expect(client.read()).rejects.toThrow("read() found nothing: the client is paused");
    void hub.publish("a", 3);
    await environment.settle();
    expect(client.events).toHaveLength(2);
    expect(await client.read()).toBe(true);
    expect(client.events).toHaveLength(3);
    void hub.close({ spreadMs: 0 });
    await environment.advance(0);
    await client.read();
    expect(await client.read()).toBe(false);
    expect(client.state).toBe("ended");
  });

  it("leaves to the server what comes after a pause, down to the first byte", async () => {
    const { hub, environment, open } = setUp();
    const client = await open();
    expect(hub.stats().bufferedBytes).toBe(0);
    client.pause();
    void hub.publish("a", 1);
    await environment.settle();
    expect(hub.stats().bufferedBytes).toBe("id: epoch0.1\nevent: a\ndata: 1\n\n".length);
    client.resume();
    await client.expectEvent("a");
    expect(hub.stats().bufferedBytes).toBe(0);
  });

  it("is told of a loss when it falls behind, and dropped when it takes nothing for long", async () => {
    const { hub, environment, open } = setUp({
      history: { size: 2 },
      slow: { maxBufferedBytes: 1_000, stallMs: 30_000 },
    });
    const client = await open();
    client.pause();
    for (let n = 1; n <= 10; n++) {
      void hub.publish("a", "x".repeat(300));
      environment.endTick();
    }
    client.resume();
    expect((await client.expectEvent("sse.gap")).data).toMatchObject({ reason: "slow", channels: ["a"] });
    await environment.settle();
    client.pause();
    void hub.publish("a", 1);
    await environment.advance(40_000);
    expect([hub.connectionCount, hub.stats().slowDisconnects]).toEqual([0, 1]);
    client.resume();
    expect(await client.expectEnd()).toBe("broken");
    await client.reconnect();
    expect(client.hello.resume).toBe("gap");
  });

  it("waits on the real clock for a chunk, and gives up when its time is over", async () => {
    const hub = createHub();
    const client = await createTestClient(hub, { slow: true, timeoutMs: 5 });
    expect(await client.read()).toBe(true);
    await expect(client.read()).rejects.toThrow("read() found nothing");
    const other = await createTestClient(hub, { slow: true, timeoutMs: 3_600_000 });
    await other.read();
    const late = other.read();
    await hub.publish("a", 1);
    expect(await late).toBe(true);
    expect(other.events).toHaveLength(1);
    for (const each of [client, other]) each.close();
  });
});
