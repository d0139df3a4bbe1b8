import { describe, expect, test, vi } from "vitest";
import { type ClientOptions, dynamic } from "../src/index.ts";
import type { FakeServerOptions } from "../src/testing/index.ts";
import { type Answer, createSubscribedClient, nothing } from "./support/subscribed-client.ts";

const createStory = (serverOptions: FakeServerOptions = {}, options: Partial<ClientOptions> = {}) =>
  createSubscribedClient(dynamic, serverOptions, options);

// SPEC 64
describe("a change of an open stream", () => {
  test("is one request, with what the stream's requests have and the names that changed", async () => {
    const { server, join, settle, asked, received } = createStory(
      {},
      { headers: () => ({ Authorization: "Bearer 7", "Content-Type": "text/plain", Accept: "text/event-stream" }) },
    );
    join("a");
    await settle();
    expect(asked()).toEqual([["a", ""]]);
    join("c");
    join("b");
    await settle();
    expect(asked()).toEqual([{ conn: "c1", subscribe: ["c", "b"], unsubscribe: [], since: {} }]);
    const { url, headers } = server.requests.at(-1)!;
    expect(url).toBe("http://host.test/events");
    expect(headers.get("authorization")).toBe("Bearer 7");
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("accept")).toBe("application/json");
    expect(headers.get("last-event-id")).toBeNull();
    await server.publish("b", 1);
    expect(received).toEqual([["b", 1]]);
    await server.advance(60_000);
    expect(asked()).toEqual([]);
  });

  test("of a channel that was left continues there: what was missed comes once, in order, before live messages", async () => {
    const { client, server, join, settle, linger, asked, received, gapOf } = createStory();
    join("a");
    const leave = join("b");
    await settle();
    await server.publish("b", 1);
    leave();
    await linger();
    expect(asked().at(-1)).toEqual({ conn: "c1", subscribe: [], unsubscribe: ["b"], since: {} });
    await server.publish("b", 2);
    await server.publish("a", 3);
    await server.publish("b", 4);
    join("b");
    await settle();
    expect(asked()).toEqual([{ conn: "c1", subscribe: ["b"], unsubscribe: [], since: { b: "fake01.1" } }]);
    await server.publish("b", 5);
    expect(received).toEqual([
      ["b", 1],
      ["a", 3],
      ["b", 2],
      ["b", 4],
      ["b", 5],
    ]);
    expect(gapOf("b")).toBeNull();
    expect(client.stats.get()).toMatchObject({ duplicates: 0, reconnects: 0 });
  });

  test("is told by a gap where the server no longer has what was missed", async () => {
    const { server, join, visit, settle, gapOf } = createStory({ history: 1 });
    join("a");
    await visit("b");
    await server.publish("b", 1);
    await server.publish("b", 2);
    join("b");
    await settle();
    expect(gapOf("b")).toMatchObject({ reason: "trimmed", from: "fake01.0" });
    expect(gapOf("a")).toBeNull();
  });

  test.each(["__proto__", "constructor"])("of a channel named %s continues like any other", async (name) => {
    const { server, join, settle, linger, received, gapOf } = createStory();
    join("a");
    await settle();
    const leave = join(name);
    await settle();
    await server.publish("a", 0);
    leave();
    await linger();
    await server.publish(name, 1);
    join(name);
    await settle();
    expect(received).toEqual([
      ["a", 0],
      [name, 1],
    ]);
    expect(gapOf(name)).toBeNull();
  });

  test("waits while another one is under way, and is then one for all that was wanted meanwhile", async () => {
    let release = () => {};
    const { join, settle, linger, asked } = createStory({
      authorize: ({ method }) =>
        method === "POST" ? new Promise<number>((resolve) => (release = () => resolve(200))) : 200,
    });
    join("a");
    const leaveB = join("b");
    await settle();
    asked();
    join("c");
    await settle();
    join("d");
    await settle();
    join("e");
    leaveB();
    await linger();
    expect(asked()).toHaveLength(1);
    release();
    await settle();
    expect(asked()).toEqual([{ conn: "c1", subscribe: ["d", "e"], unsubscribe: ["b"], since: {} }]);
  });

  test("is taken back after its marker where the channel was left meanwhile", async () => {
    let release = () => {};
    const { server, join, visit, settle, asked } = createStory({
      authorize: ({ method }) =>
        method === "POST" ? new Promise<number>((resolve) => (release = () => resolve(200))) : 200,
    });
    join("a");
    await settle();
    await visit("b");
    asked();
    release();
    await settle();
    expect(asked()).toEqual([{ conn: "c1", subscribe: [], unsubscribe: ["b"], since: {} }]);
    release();
    await settle();
    await server.publish("a", 1);
    // It was carried up to its marker only.
    join("b");
    await settle();
    expect(asked()).toEqual([{ conn: "c1", subscribe: ["b"], unsubscribe: [], since: { b: "fake01.0" } }]);
  });

  test("of a pattern that was left brings all it covers, and nothing a second time", async () => {
    const { server, join, visit, settle, received, asked, gapOf } = createStory(
      {},
      { channels: { a: {}, "chat/*": {} } },
    );
    join("a");
    await visit("chat/*");
    join("chat/1");
    await settle();
    await server.publish("chat/1", 1);
    await server.publish("chat/2", 2);
    asked();
    join("chat/*");
    await settle();
    expect(asked()).toEqual([{ conn: "c1", subscribe: ["chat/*"], unsubscribe: [], since: { "chat/*": "fake01.0" } }]);
    await server.publish("chat/3", 3);
    expect(received).toEqual([
      ["chat/1", 1],
      ["chat/2", 2],
      ["chat/3", 3],
    ]);
    expect(gapOf("chat/*")).toBeNull();
  });

  test("of a pattern part of which was received further on its own says what it leaves out", async () => {
    const { server, join, settle, linger, received, gapOf } = createStory({}, { channels: { a: {}, "chat/*": {} } });
    join("a");
    const leavePattern = join("chat/*");
    await settle();
    leavePattern();
    await linger();
    const leave = join("chat/1");
    await settle();
    await server.publish("chat/2", 1);
    await server.publish("chat/1", 2);
    leave();
    await linger();
    await server.publish("chat/2", 3);
    join("chat/*");
    await settle();
    expect(received).toEqual([
      ["chat/1", 2],
      ["chat/2", 3],
    ]);
    expect(gapOf("chat/*")).toMatchObject({ reason: "unsubscribed", from: "fake01.0", to: "fake01.2" });
  });
});

// SPEC 65
describe("a stream that ends before a change is complete", () => {
  test("leaves no trace of it: the next one is asked again, from where the channel was left", async () => {
    const { server, join, visit, settle, asked, received } = createStory();
    join("a");
    await visit("b");
    await server.publish("b", 1);
    await server.publish("b", 2);
    asked();
    server.setRandom(0);
    // Within what is replayed.
    await server.cutAfter(60);
    join("b");
    await settle();
    expect(received).toEqual([]);
    await server.advance(5_000);
    expect(asked()).toEqual([
      { conn: "c1", subscribe: ["b"], unsubscribe: [], since: { b: "fake01.0" } },
      ["a", "fake01.0"],
      { conn: "c2", subscribe: ["b"], unsubscribe: [], since: { b: "fake01.0" } },
    ]);
    expect(received).toEqual([
      ["b", 1],
      ["b", 2],
    ]);
  });

  test("does not count as where the channel was left, if nobody waits for it any more", async () => {
    const { client, server, join, visit, settle, linger, asked } = createStory();
    join("a");
    await visit("b");
    await server.publish("b", 1);
    await server.publish("a", 2);
    server.stall();
    const leaveAgain = join("b");
    await settle();
    leaveAgain();
    await linger();
    client.reconnect();
    await settle();
    asked();
    join("b");
    await settle();
    expect(asked()).toEqual([{ conn: "c2", subscribe: ["b"], unsubscribe: [], since: { b: "fake01.0" } }]);
  });

  test("right after its marker repeats nothing", async () => {
    const { server, join, visit, settle, asked, received } = createStory();
    join("a");
    await visit("b");
    await server.publish("b", 1);
    join("b");
    await settle();
    asked();
    await server.drop();
    await server.advance(5_000);
    expect(asked()).toEqual([["a,b", "fake01.1"]]);
    expect(received).toEqual([["b", 1]]);
  });

  test("a new epoch while a channel was left is a gap of that channel", async () => {
    const { server, join, visit, settle, asked, gapOf } = createStory();
    join("a");
    await visit("b");
    await server.restart();
    await server.advance(5_000);
    asked();
    await server.publish("b", 1);
    join("b");
    await settle();
    expect(asked()).toEqual([{ conn: "c2", subscribe: ["b"], unsubscribe: [], since: { b: "fake01.0" } }]);
    expect(gapOf("b")).toMatchObject({ channels: ["b"], reason: "epoch", from: "fake01.0" });
  });

  test("what is wanted while there is none is asked for when there is one, not before", async () => {
    const { server, join, visit, settle, asked, errors } = createStory();
    join("a");
    await visit("b");
    asked();
    await server.publish("b", 1);
    await server.drop();
    join("b");
    await settle();
    expect(asked()).toEqual([]);
    await server.advance(5_000);
    expect(asked()).toEqual([
      ["a", "fake01.0"],
      { conn: "c2", subscribe: ["b"], unsubscribe: [], since: { b: "fake01.0" } },
    ]);
    expect(errors.filter(({ code }) => code !== "network")).toEqual([]);
  });

  test("an attempt that was given up while its headers were awaited changes nothing about the next one", async () => {
    let isSlow = false;
    const headers = () => new Promise<undefined>((resolve) => (isSlow ? later(resolve) : resolve(undefined)));
    const { client, server, join, settle, asked } = createStory({}, { headers });
    const later = (resolve: (value: undefined) => void) => server.environment.setTimer(() => resolve(undefined), 500);
    join("a");
    await settle();
    isSlow = true;
    client.reconnect();
    await settle();
    isSlow = false;
    client.reconnect();
    await settle();
    await server.advance(1_000);
    asked();
    join("b");
    await settle();
    expect(asked()).toEqual([{ conn: "c2", subscribe: ["b"], unsubscribe: [], since: {} }]);
  });

  test("nothing is under way after closing", async () => {
    const { client, server, join, settle } = createStory({
      authorize: ({ method }) => (method === "POST" ? new Promise(() => {}) : 200),
    });
    join("a");
    await settle();
    join("b");
    await settle();
    client.close();
    await settle();
    expect(server.leaks()).toEqual(nothing);
  });

  test("closed by a handler amid what was missed, it gives the rest when it is back", async () => {
    const { client, server, join, visit, settle, received } = createStory();
    join("a");
    await visit("b");
    for (const data of [1, 2, 3]) await server.publish("b", data);
    client.channel("b").on(({ data }) => data === 1 && client.disconnect());
    await settle();
    expect(received).toEqual([["b", 1]]);
    client.connect();
    await settle();
    expect(received).toEqual([
      ["b", 1],
      ["b", 2],
      ["b", 3],
    ]);
  });
});

// SPEC 67
describe("where a stream cannot be changed a new one is made that names all channels", () => {
  const json = (body: unknown, status = 200) => Promise.resolve(Response.json(body, { status }));

  test.each<[string, Answer]>([
    ["it is not known", () => json({ error: "unknown-conn" }, 409)],
    ["the server has failed", () => Promise.resolve(new Response("oops", { status: 500 }))],
    ["the server knows no such request", () => Promise.resolve(new Response("", { status: 405 }))],
    ["the network has failed", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["the answer is no JSON", () => Promise.resolve(new Response("<html>"))],
    ["the answer is another one", () => json({ ok: true })],
    ["the answer is nothing", () => json(null)],
    ["the answer is of the wrong kind", () => json({ channels: ["a"], rejected: 7 })],
  ])("%s", async (_, answer) => {
    const { server, join, visit, settle, asked, gapOf, received, answerChanges } = createStory();
    join("a");
    await visit("b");
    await server.publish("b", 1);
    await server.publish("a", 2);
    asked();
    answerChanges(answer);
    join("b");
    await settle();
    expect(asked()).toEqual([["a,b", "fake01.2"]]);
    expect(gapOf("b")).toEqual({ channels: ["b"], reason: "unsubscribed", from: "fake01.0", to: "fake01.2" });
    expect(gapOf("a")).toBeNull();
    await server.publish("b", 3);
    expect(received).toEqual([
      ["a", 2],
      ["b", 3],
    ]);
  });

  test("no answer comes", async () => {
    const { server, join, settle, asked, answerChanges } = createStory();
    join("a");
    await settle();
    asked();
    answerChanges(() => new Promise(() => {}));
    join("b");
    await server.advance(9_000);
    expect(asked()).toEqual([]);
    await server.advance(1_100);
    expect(asked()).toEqual([["a,b", "fake01.0"]]);
  });

  test("the request's own functions fail", async () => {
    const headers = vi.fn().mockReturnValue({});
    const { join, settle, asked } = createStory({}, { headers });
    join("a");
    await settle();
    asked();
    headers.mockRejectedValueOnce(new Error("no token"));
    join("b");
    await settle();
    expect(asked()).toEqual([["a,b", "fake01.0"]]);
  });

  test("one that has said that nothing can is not asked again", async () => {
    const { join, settle, asked, answerChanges } = createStory();
    join("a");
    await settle();
    const answer = vi.fn(() => Promise.resolve(new Response("", { status: 405 })));
    answerChanges(answer);
    join("b");
    await settle();
    join("c");
    await settle();
    expect(answer).toHaveBeenCalledOnce();
    expect(asked().slice(1)).toEqual([
      ["a,b", "fake01.0"],
      ["a,b,c", "fake01.0"],
    ]);
  });

  test("a failure says nothing about the next change", async () => {
    const { join, settle, asked, answerChanges } = createStory();
    join("a");
    await settle();
    answerChanges(() => Promise.reject(new TypeError("Failed to fetch")));
    join("b");
    await settle();
    answerChanges(null);
    asked();
    join("c");
    await settle();
    expect(asked()).toEqual([{ conn: "c2", subscribe: ["c"], unsubscribe: [], since: {} }]);
  });
});

// SPEC 63
describe("a name that the server refuses", () => {
  test("is an error of its channel, once per stream, until it is granted", async () => {
    const allowed = ["a"];
    const { client, server, join, settle, errors, asked } = createStory({ authorize: () => allowed });
    join("a");
    await settle();
    join("b", "c");
    await settle();
    const forbidden = (channel: string) => expect.objectContaining({ code: "channel-forbidden", channel });
    expect(errors).toEqual([forbidden("b"), forbidden("c")]);
    expect(client.channel("b").view.get().error).toMatchObject({ code: "channel-forbidden" });
    await server.advance(20_000);
    allowed.push("b");
    asked();
    await server.drop();
    await server.advance(10_000);
    expect(errors.filter(({ code }) => code !== "network")).toEqual([forbidden("b"), forbidden("c"), forbidden("c")]);
    expect(client.channel("b").view.get().error).toBeNull();
    await server.publish("b", 1);
    expect(client.channel("b").latest.get()?.data).toBe(1);
  });

  test("is not one because the stream's own request did not name it", async () => {
    const { client, join, visit, settle, errors } = createStory();
    join("a");
    await visit("b");
    client.disconnect();
    await settle();
    join("b");
    client.connect();
    await settle();
    expect(errors).toEqual([]);
    expect(client.channel("b").view.get().error).toBeNull();
  });

  test("continues where it was left, should it be granted again", async () => {
    const allowed = ["a", "b"];
    const { server, join, visit, settle, linger, asked } = createStory({ authorize: () => allowed });
    join("a");
    await visit("b");
    allowed.pop();
    const leaveRefused = join("b");
    await settle();
    await server.publish("a", 1);
    leaveRefused();
    await linger();
    allowed.push("b");
    asked();
    join("b");
    await settle();
    expect(asked()).toEqual([{ conn: "c1", subscribe: ["b"], unsubscribe: [], since: { b: "fake01.0" } }]);
  });
});
