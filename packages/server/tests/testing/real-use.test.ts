import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createHub, defineChannels, type } from "../../src/index.ts";
import {
  type ChaosProxy,
  createChaosProxy,
  createManualEnvironment,
  createTestClient,
  type TestClient,
  type TestTarget,
} from "../../src/testing/index.ts";
import { cleanUp, listen, onCleanUp } from "../support/live-server.ts";

afterEach(cleanUp);

/** What an application has: definitions, a hub that knows its users, and a handler. */
function createApp() {
  const environment = createManualEnvironment();
  const sessions = new Map([["secret", { user: "ann", expiresAt: environment.date() + 60_000 }]]);
  const hub = createHub({
    environment,
    channels: defineChannels({ news: type<string>(), "orders/*": type<{ id: number }>() }),
    history: { size: 3 },
    initial: { news: "last" },
    authorize({ cookie }) {
      const session = sessions.get(cookie("session") ?? "");
      return session ? { ...session, channels: ["news", `orders/${session.user}`] } : null;
    },
  });
  const handler = (request: Request) =>
    new URL(request.url).pathname === "/events" ? hub.fetch(request) : new Response("Not found", { status: 404 });
  return { environment, sessions, hub, handler };
}

// SPEC 125, 126
describe("an application's handler, tested with a client", () => {
  const cookie = { cookie: "session=secret" };

  it("turns away strangers and wrong addresses", async () => {
    const { environment, handler } = createApp();
    const stranger = await createTestClient({ fetch: handler }, { environment });
    expect([stranger.status, stranger.state]).toEqual([403, "refused"]);
    const lost = await createTestClient({ fetch: handler }, { environment, headers: cookie, url: "/event" });
    expect([lost.status, lost.text]).toEqual([404, "Not found"]);
  });

  it("sends each user what is theirs, from the last news on", async () => {
    const { environment, sessions, hub, handler } = createApp();
    sessions.set("other", { user: "bob", expiresAt: environment.date() + 3_600_000 });
    void hub.publish("news", "hello");
    const [ann, bob] = await Promise.all(
      ["secret", "other"].map((session) =>
        createTestClient({ fetch: handler }, { environment, headers: { cookie: `session=${session}` } }),
      ),
    );
    void hub.publish("orders/ann", { id: 1 });
    void hub.publish("orders/bob", { id: 2 });
    expect((await ann!.expectEvent()).data).toBe("hello");
    expect(await ann!.expectEvent()).toMatchObject({ event: "orders/ann", data: { id: 1 } });
    await expect(ann!.expectEvent("orders/bob")).rejects.toThrow("not read: nothing");
    expect(bob!.hello.channels).toEqual(["news", "orders/bob"]);
    expect((await bob!.expectEvent("orders/bob")).data).toEqual({ id: 2 });
  });

  it("lets a client resume exactly, tells it of what is gone, and ends with its session", async () => {
    const { environment, sessions, hub, handler } = createApp();
    const client = await createTestClient({ fetch: handler }, { environment, headers: cookie });
    client.drop();
    for (const id of [1, 2, 3]) void hub.publish("orders/ann", { id });
    await client.reconnect();
    for (const id of [1, 2, 3]) expect((await client.expectEvent("orders/ann")).data).toEqual({ id });
    client.drop();
    for (const id of [4, 5, 6, 7]) void hub.publish("orders/ann", { id });
    await client.reconnect();
    expect((await client.expectEvent("sse.gap")).data).toMatchObject({ channels: ["orders/ann"], reason: "trimmed" });

    await environment.advance(45_000);
    expect(client.comments.length).toBeGreaterThanOrEqual(3);
    await environment.advance(15_000);
    expect((await client.expectEvent("sse.bye")).data).toMatchObject({ reason: "expired" });
    expect(await client.expectEnd()).toBe("ended");
    await client.reconnect();
    expect(client.status).toBe(401);
    sessions.set("secret", { user: "ann", expiresAt: environment.date() + 60_000 });
    void hub.publish("news", "while away");
    await client.reconnect();
    expect((await client.expectEvent("news")).data).toBe("while away");
    client.close();
    await environment.settle();
    expect([hub.connectionCount, environment.pending]).toEqual([0, 0]);
  });
});

// SPEC 126, 128
describe("a server of node:http behind a chaos proxy", () => {
  async function serve(): Promise<{
    hub: ReturnType<typeof createHub>;
    proxy: ChaosProxy;
    open(target?: TestTarget): Promise<TestClient>;
  }> {
    const hub = createHub({ heartbeatMs: null, retryMs: [1, 1] });
    const url = new URL(await listen(createServer((req, res) => hub.node(req, res))));
    const proxy = await createChaosProxy({ target: { port: Number(url.port) } });
    onCleanUp(() => proxy.close());
    // The same client, over the platform's fetch.
    const overSockets = (request: Request) => fetch(new Request(proxy.url + new URL(request.url).pathname, request));
    const open = async (target: TestTarget = { fetch: overSockets }) => {
      const client = await createTestClient(target, { lastEventId: hub.head });
      onCleanUp(() => client.close());
      return client;
    };
    return { hub, proxy, open };
  }

  it("resumes its clients exactly, whatever breaks", async () => {
    const { hub, proxy, open } = await serve();
    const client = await open();
    const breaks = [() => proxy.drop(), () => proxy.reset(), () => client.drop(), () => proxy.cutAfter(0)];
    let count = 0;
    for (const breakLink of breaks) {
      await hub.publish("a", ++count);
      expect((await client.expectEvent("a")).data).toBe(count);
      breakLink();
      expect(await client.expectEnd()).toBe("broken");
      await hub.publish("a", ++count);
      await client.reconnect();
      expect((await client.expectEvent("a")).data).toBe(count);
    }
    expect(client.gaps).toEqual([]);
  });

  it("keeps a stalled client, which misses nothing, and cannot be reached where the proxy refuses", async () => {
    const { hub, proxy, open } = await serve();
    const client = await open();
    const direct = await open(hub);
    proxy.stall();
    await hub.publish("a", 1);
    await direct.expectEvent("a");
    direct.close();
    expect([hub.connectionCount, client.state, client.events]).toEqual([1, "open", []]);
    proxy.resume();
    expect((await client.expectEvent("a")).data).toBe(1);
    client.drop();
    proxy.refuse(true);
    await expect(client.reconnect()).rejects.toThrow("fetch failed");
    expect(client.state).toBe("broken");
    proxy.refuse(false);
    await client.reconnect();
    expect(client.hello.resume).toBe("resumed");
  });
});
