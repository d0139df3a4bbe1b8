import { describe, expect, test, vi } from "vitest";
import { query } from "../src/index.ts";
import { createSubscribedClient, nothing } from "./support/subscribed-client.ts";
import { createTestClient, frame } from "./support/test-client.ts";

// SPEC 60
describe("a request names the channels that somebody wants", () => {
  test("sorted, and those that mount in one tick together", async () => {
    const { server, join, asked } = createSubscribedClient(query);
    join("b", "a");
    join("chat/7");
    await server.settle();
    await server.advance(100);
    expect(asked()).toEqual([["a,b,chat/7", ""]]);
  });

  test("none where the client is only retained", async () => {
    const { client, server, asked } = createSubscribedClient(query);
    client.retain();
    await server.advance(100);
    expect(server.requests[0]?.url).toBe("http://host.test/events?channels=");
    expect(asked()).toEqual([["", ""]]);
  });

  test("a later one by one new request with the cursor, which loses nothing", async () => {
    const { server, join, asked, received, gapOf } = createSubscribedClient(query);
    join("a");
    await server.settle();
    await server.publish("a", 1);
    asked();
    join("c");
    join("b");
    await server.publish("a", 2);
    await server.advance(100);
    expect(asked()).toEqual([["a,b,c", "fake01.2"]]);
    await server.publish("c", 3);
    expect(received).toEqual([
      ["a", 1],
      ["a", 2],
      ["c", 3],
    ]);
    expect(gapOf("a")).toBeNull();
    expect(gapOf("c")).toBeNull();
  });

  test("one that was left by a new request after the linger time; who comes back earlier causes none", async () => {
    const { server, join, asked, linger } = createSubscribedClient(query);
    join("a");
    const leave = join("b");
    await server.settle();
    asked();
    leave();
    await server.advance(900);
    const leaveAgain = join("b");
    await server.advance(5_000);
    expect(asked()).toEqual([]);
    leaveAgain();
    await linger();
    await server.advance(5_000);
    expect(asked()).toEqual([["a", "fake01.0"]]);
  });

  test("one that was left is let go of after its own linger time, however often others come and go", async () => {
    const { server, join, asked, settle } = createSubscribedClient(query);
    join("a");
    await settle();
    for (let row = 0; row < 10; row++) {
      const leave = join(`row/${row}`);
      await server.advance(500);
      leave();
    }
    expect(asked().at(-1)).toEqual(["a,row/8,row/9", "fake01.0"]);
  });

  test("commas and question marks of the address stay what they are", async () => {
    const { server, join } = createSubscribedClient(
      query,
      {},
      { url: "http://host.test/events?token=a%2Cb&channels=z" },
    );
    join("a b", "ü&=");
    await server.settle();
    const { searchParams } = new URL(server.requests[0]!.url);
    expect([...searchParams]).toEqual([
      ["token", "a,b"],
      ["channels", "a b,ü&="],
    ]);
  });

  test("headers that take their time are asked for once, whatever happens meanwhile", async () => {
    const headers = vi.fn(
      () => new Promise<undefined>((resolve) => server.environment.setTimer(() => resolve(undefined), 200)),
    );
    const { server, join, asked } = createSubscribedClient(query, {}, { headers });
    join("a");
    await server.advance(50);
    join("b");
    await server.advance(500);
    expect(headers).toHaveBeenCalledOnce();
    expect(asked()).toEqual([["a,b", ""]]);
  });
});

// SPEC 61
describe("who comes back after others have gone on", () => {
  test("is shown a gap on that channel only", async () => {
    const { server, join, linger, gapOf, received } = createSubscribedClient(query);
    join("a");
    const leave = join("b");
    await server.settle();
    await server.publish("b", 1);
    leave();
    await linger();
    await server.publish("b", 2);
    await server.publish("a", 3);
    join("b");
    await server.advance(100);
    expect(gapOf("b")).toEqual({ channels: ["b"], reason: "unsubscribed", from: "fake01.1", to: "fake01.3" });
    expect(gapOf("a")).toBeNull();
    await server.publish("b", 4);
    expect(received).toEqual([
      ["b", 1],
      ["a", 3],
      ["b", 4],
    ]);
  });

  test("is shown none where nothing moved", async () => {
    const { server, join, linger, gapOf } = createSubscribedClient(query);
    join("a");
    const leave = join("b");
    await server.settle();
    leave();
    await linger();
    join("b");
    await server.advance(100);
    expect(gapOf("b")).toBeNull();
  });

  test("is shown none where everything was left, as the stream goes on after what was had", async () => {
    const { server, join, linger, gapOf, received } = createSubscribedClient(query);
    const leave = join("a");
    await server.settle();
    await server.publish("a", 1);
    leave();
    await linger();
    await server.publish("a", 2);
    join("a");
    await server.advance(100);
    expect(received).toEqual([
      ["a", 1],
      ["a", 2],
    ]);
    expect(gapOf("a")).toBeNull();
  });

  test("is shown one although the first requests after coming back fail", async () => {
    const authorize = vi.fn().mockReturnValue(200);
    const { server, join, linger, gapOf } = createSubscribedClient(query, { authorize });
    join("a");
    const leave = join("b");
    await server.settle();
    leave();
    await linger();
    await server.publish("b", 1);
    await server.publish("a", 2);
    authorize.mockReturnValueOnce(503).mockReturnValueOnce(503);
    join("b");
    await server.advance(60_000);
    expect(gapOf("b")).toMatchObject({ reason: "unsubscribed", from: "fake01.0", to: "fake01.2" });
  });

  test("through a pattern that went on is shown none; after the pattern was left, one from there", async () => {
    const { server, join, linger, gapOf, received } = createSubscribedClient(
      query,
      {},
      { channels: { a: {}, "chat/*": {} } },
    );
    join("a");
    const leavePattern = join("chat/*");
    const leave = join("chat/1");
    await server.settle();
    leave();
    await linger();
    await server.publish("chat/1", 1);
    const leaveAgain = join("chat/1");
    await server.advance(100);
    expect(gapOf("chat/1")).toBeNull();
    leaveAgain();
    leavePattern();
    await linger();
    await server.publish("chat/1", 2);
    await server.publish("a", 3);
    join("chat/1");
    await server.advance(100);
    expect(gapOf("chat/1")).toMatchObject({ from: "fake01.1", to: "fake01.3" });
    expect(received).toEqual([
      ["chat/1", 1],
      ["a", 3],
    ]);
  });

  test("a pattern that carries the channel again tells it what was missed, whoever listens", async () => {
    const { server, join, linger, gapOf } = createSubscribedClient(query, {}, { channels: { a: {}, "chat/*": {} } });
    join("a");
    const leave = join("chat/1");
    await server.settle();
    leave();
    await linger();
    await server.publish("chat/1", 1);
    await server.publish("a", 2);
    join("chat/*");
    await server.advance(100);
    expect(gapOf("chat/*")).toBeNull();
    join("chat/1");
    await server.advance(100);
    expect(gapOf("chat/1")).toMatchObject({ reason: "unsubscribed", from: "fake01.0", to: "fake01.2" });
  });
});

// SPEC 62
describe("the state of the connection", () => {
  test("a server that is not of the contract gets new requests too, and nothing is said about what it lost", async () => {
    const { client, open, settle, environment } = createTestClient({ subscription: query() });
    client.channel("a").on(() => {});
    const leave = client.channel("b").on(() => {});
    (await open()).push(frame("a", 1, "opaque"));
    await settle();
    leave();
    await environment.clock.advanceAsync(1_000);
    await settle();
    const second = await open();
    expect([new URL(second.url).searchParams.get("channels"), second.headers.get("last-event-id")]).toEqual([
      "a",
      "opaque",
    ]);
    second.push(frame("a", 2, "later"));
    await settle();
    client.channel("b").on(() => {});
    await settle();
    const third = await open();
    expect(new URL(third.url).searchParams.get("channels")).toBe("a,b");
    expect(client.channel("b").gap.get()).toBeNull();
  });

  test("while paused or closed nothing is sent; the next request names what is wanted then", async () => {
    const { client, server, join, asked } = createSubscribedClient(query);
    const leave = join("a");
    await server.settle();
    asked();
    client.pause();
    join("b");
    await server.advance(100);
    client.disconnect();
    leave();
    join("c");
    await server.advance(5_000);
    expect(asked()).toEqual([]);
    client.connect();
    await server.advance(100);
    expect(asked()).toEqual([]);
    client.resume();
    await server.advance(100);
    expect(asked()).toEqual([["b,c", "fake01.0"]]);
  });

  test("while waiting for the next attempt a change does not hurry it", async () => {
    const { server, join, asked } = createSubscribedClient(query);
    join("a");
    await server.settle();
    server.setRandom(0.5);
    await server.drop();
    asked();
    join("b");
    await server.advance(1_000);
    expect(asked()).toEqual([]);
    await server.advance(5_000);
    expect(asked()).toEqual([["a,b", "fake01.0"]]);
  });

  test("nothing is left under way when it is closed amid a change", async () => {
    const { client, server, join } = createSubscribedClient(query);
    join("a");
    await server.settle();
    join("b");
    client.close();
    await server.settle();
    expect(server.leaks()).toEqual(nothing);
  });
});

// SPEC 63
describe("a channel that the server does not let this client have", () => {
  test("says so in its view and once per stream, until it is granted", async () => {
    const allowed = ["a"];
    const { client, server, join, errors } = createSubscribedClient(query, { authorize: () => allowed });
    join("a", "b");
    await server.settle();
    const forbidden = { code: "channel-forbidden", channel: "b" };
    expect(errors).toEqual([expect.objectContaining(forbidden)]);
    expect(client.channel("b").view.get().error).toMatchObject(forbidden);
    expect(client.channel("a").view.get().error).toBeNull();
    await server.drop();
    await server.advance(10_000);
    expect(errors.filter(({ code }) => code === "channel-forbidden")).toHaveLength(2);
    allowed.push("b");
    await server.drop();
    await server.advance(10_000);
    expect(client.channel("b").view.get().error).toBeNull();
  });

  test("says so to whoever comes later, where the stream carries all that it may", async () => {
    const { client, server, join, settle, errors } = createSubscribedClient(
      query,
      { authorize: () => ["a"] },
      { subscription: undefined },
    );
    join("a");
    await settle();
    join("b");
    join("b");
    await settle();
    expect(errors).toEqual([expect.objectContaining({ code: "channel-forbidden", channel: "b" })]);
    expect(client.channel("b").view.get().error).toMatchObject({ code: "channel-forbidden" });
    await server.drop();
    await server.advance(10_000);
    expect(errors.filter(({ code }) => code === "channel-forbidden")).toHaveLength(2);
  });

  test("is told apart within one frame", async () => {
    const allowed = ["a"];
    const { client, server, join } = createSubscribedClient(query, { authorize: () => allowed });
    join("a", "b");
    await server.clock.advance(0);
    allowed.push("b");
    client.reconnect();
    await server.settle();
    expect(client.channel("b").view.get().error).toBeNull();
  });
});
