import { type ClientOptions, createSSEClient, defineChannels, type } from "@x/sse-core";
import { createHub } from "@x/sse-server";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { createFetchHarness } from "test-kit/fetch-harness";
import { describe, expect, test } from "vitest";

/*
 * Single cases of PROTOCOL.md that the resume property does not reach.
 */

// A promise job that is due has run before the next turn of the event loop.
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));
type Anything = Record<string, unknown>;

function open(options: Partial<ClientOptions<Anything>> = {}) {
  const harness = createFetchHarness();
  const environment = { ...createFakeEnvironment({ fetch: harness.fetch }), requestFlush: queueMicrotask };
  environment.setRandom(0);
  const client = createSSEClient<Anything>({ url: "http://harness/", environment, ...options });
  const received: unknown[] = [];
  client.channel("a").on(({ data }) => received.push(data));
  return {
    client,
    received,
    /** Answers the client's next request and says what position it had. */
    async answer(text: string) {
      const request = await harness.nextRequest();
      request.respond();
      request.push(text);
      await turn();
      return request.headers.get("last-event-id");
    },
  };
}

const block = (event: string, data: unknown, id?: string) =>
  `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const hello = (pos: string, resume = "fresh", replayed = 0) =>
  block("sse.hello", { conn: "c", epoch: "k3f9q2", pos, heartbeatMs: null, channels: ["a"], resume, replayed });
const gap = (channels: string[], reason = "epoch") =>
  block("sse.gap", { channels, reason, from: "other0.1", to: "k3f9q2.5" });

describe("ids", () => {
  test("positions of two numbers are ordered by the first, then the second", async () => {
    const { received, answer, client } = open();
    const ids = ["1-1", "1-2", "1-2", "1-z", "1-10", "1-11", "2", "2-0", "2-1", "1z"];
    await answer(hello("1") + ids.map((id) => block("a", id, `k3f9q2.${id}`)).join(""));
    expect(received).toEqual(["1-1", "1-2", "1-z", "1-10", "1-11", "2", "2-1", "1z"]);
    expect(client.stats.get().duplicates).toBe(2);
  });

  // Reserved: `epoch.p0_p1_…` for a log in several shards. "Clients must treat everything after the first `.` as
  // opaque unless it has the form above."
  test("a position that is none of the contract's is opaque: nothing is dropped and it is sent back", async () => {
    const { received, answer, client } = open();
    await answer(hello("1_4") + block("a", 5, "k3f9q2.1_5") + block("a", 6, "k3f9q2.1_6"));
    expect(received).toEqual([5, 6]);
    client.reconnect();
    expect(await answer(hello("1_6", "resumed"))).toBe("k3f9q2.1_6");
  });

  test("a position of a new epoch is never a duplicate", async () => {
    const { received, answer } = open();
    await answer(hello("5") + block("a", 6, "k3f9q2.6") + block("a", 1, "other0.1") + block("a", 2, "other0.2"));
    expect(received).toEqual([6, 1, 2]);
  });
});

describe("the start of a stream", () => {
  test("a fresh one with nothing to replay gives the client its position", async () => {
    const { answer, client } = open();
    await answer(hello("5"));
    client.reconnect();
    expect(await answer("")).toBe("k3f9q2.5");
  });

  test("a fresh one that breaks before its first older message gives it none", async () => {
    const { answer, client } = open();
    await answer(hello("5", "fresh", 2));
    client.reconnect();
    expect(await answer("")).toBeNull();
  });

  // SPEC 45
  test("a snapshot that breaks off is asked for again, though history has moved on, and no gap is told", async () => {
    const hub = createHub({ initial: 2, history: { size: 2 }, retryMs: [0, 0] });
    const environment = createFakeEnvironment({ fetch: (input, init) => hub.fetch(new Request(input, init)) });
    environment.setRandom(0);
    await hub.publish("a", 1);
    await hub.publish("a", 2);
    // Breaks the first stream right behind the first message of its snapshot.
    let isFirst = true;
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const response = await environment.fetch(input, init);
      if (!isFirst) return response;
      isFirst = false;
      const reader = response.body?.getReader();
      let text = "";
      while (reader && !/^data: 1$/m.test(text)) text += new TextDecoder().decode((await reader.read()).value);
      await reader?.cancel();
      return new Response(text.replace(/^data: 1$.*/ms, "data: 1\n\n"), { headers: response.headers });
    };
    const client = createSSEClient<Anything>({
      url: "http://hub/?channels=a",
      environment: { ...environment, fetch, requestFlush: queueMicrotask },
    });
    const received: unknown[] = [];
    client.channel("a").on(({ data }) => received.push(data));
    try {
      await turn();
      await turn();
      for (const value of [3, 4, 5]) await hub.publish("a", value);
      await environment.clock.advanceAsync(0);
      await turn();
      expect(client.stats.get()).toMatchObject({ connects: 2, gaps: 0, duplicates: 0 });
      expect(received).toEqual([4, 5]);
    } finally {
      client.close();
      await hub.close({ spreadMs: 0 });
    }
  });

  test("unknown control events and unknown fields are ignored", async () => {
    const { received, answer } = open();
    await answer(`${hello("5")}event: sse.presence\ndata: not JSON\n\n${block("a", 6, "k3f9q2.6")}`);
    expect(received).toEqual([6]);
  });
});

describe("an event beside the channels of the stream", () => {
  test("without an id is delivered and does not move the position", async () => {
    const { received, answer, client } = open();
    await answer(hello("5") + block("a", "typing") + block("a", 6, "k3f9q2.6") + block("a", "typing"));
    expect(received).toEqual(["typing", 6, "typing"]);
    client.reconnect();
    expect(await answer("")).toBe("k3f9q2.6");
    expect(client.stats.get()).toMatchObject({ duplicates: 0, unknown: 0 });
  });

  test("with an id moves the position, and reaches whoever listens to its channel", async () => {
    const errors: unknown[] = [];
    const { received, answer, client } = open();
    client.on("error", (error) => errors.push(error));
    const other: unknown[] = [];
    client.channel("other").on(({ data }) => other.push(data));
    await answer(
      hello("5") + block("other", 6, "k3f9q2.6") + block("a", 7, "k3f9q2.7") + block("nobody", 8, "k3f9q2.8"),
    );
    expect([received, other]).toEqual([[7], [6]]);
    // What is wrong is to listen to what the server does not let the stream carry, not that something came.
    expect(errors).toMatchObject([{ code: "channel-forbidden", channel: "other" }]);
    client.reconnect();
    expect(await answer("")).toBe("k3f9q2.8");
  });

  test("is ignored by a client that has no such channel, and moves its position", async () => {
    const errors: unknown[] = [];
    const { received, answer, client } = open({ channels: defineChannels<Anything>({ a: {} }) });
    client.on("error", (error) => errors.push(error));
    await answer(hello("5") + block("other", 6, "k3f9q2.6"));
    expect([received, errors]).toEqual([[], []]);
    client.reconnect();
    expect(await answer("")).toBe("k3f9q2.6");
  });

  // The same with the server itself: live, and missed while the client was away.
  test("of a hub comes once, in order with the others, and to its user only", async () => {
    const hub = createHub();
    const environment = {
      ...createFakeEnvironment({ fetch: (input, init) => hub.fetch(new Request(input, init), { user: "ann" }) }),
      requestFlush: queueMicrotask,
    };
    environment.setRandom(0);
    const client = createSSEClient<Anything>({ url: "http://hub/?channels=a", environment });
    const received: unknown[] = [];
    for (const name of ["a", "mail"]) client.channel(name).on(({ data }) => received.push(data));
    try {
      await turn();
      await hub.toUser("ann").publish("mail", 1);
      await hub.publish("a", 2);
      await hub.toUser("bob").publish("mail", "for bob");
      await hub.publish("a", "ephemeral", { ephemeral: true });
      await turn();
      expect(received).toEqual([1, 2, "ephemeral"]);
      client.disconnect();
      await turn();
      await hub.broadcast("mail", 3);
      await hub.publish("a", "missed", { ephemeral: true });
      await hub.publish("a", 4);
      await hub.toUser("ann").publish("mail", 5);
      client.connect();
      await turn();
      await turn();
      expect(received).toEqual([1, 2, "ephemeral", 3, 4, 5]);
      expect(client.stats.get()).toMatchObject({ duplicates: 0, gaps: 0, unknown: 0 });
    } finally {
      client.close();
      await hub.close({ spreadMs: 0 });
    }
  });
});

describe("a gap", () => {
  test("shows on the channels it names, on those only, and in the status", async () => {
    const { answer, client } = open();
    client.channel("b");
    await answer(hello("5", "gap") + gap(["a"], "trimmed"));
    expect(client.channel("a").gap.get()).toMatchObject({ reason: "trimmed", to: "k3f9q2.5" });
    expect(client.channel("b").gap.get()).toBeNull();
    expect(client.status.get().resume).toMatchObject({ type: "gap", channels: ["a"] });
  });

  // "`channels` has names, or patterns of the subscription where the server cannot name single channels."
  test.each([
    [["**"], "a"],
    [["*"], "a"],
    [["c/*"], "c/1"],
    [["c/**"], "c/1/x"],
  ])("of %j shows on channel %s", async (patterns, name) => {
    const { answer, client } = open();
    client.channel(name).on(() => {});
    await answer(hello("5", "gap") + gap(patterns));
    expect(client.channel(name).gap.get()).toMatchObject({ reason: "epoch", channels: patterns });
  });

  test("of a pattern does not show on a channel that the pattern does not cover", async () => {
    const { answer, client } = open();
    for (const name of ["c", "c/1/x", "d/1"]) client.channel(name);
    await answer(hello("5", "gap") + gap(["c/*"]));
    expect(["c", "c/1/x", "d/1"].map((name) => client.channel(name).gap.get())).toEqual([null, null, null]);
  });

  // The same by way of the two packages' defaults: no `channels` in the request, none defined at the hub.
  test("after a restart of a hub that was asked for everything shows on the channel", async () => {
    let hub = createHub();
    const environment = {
      ...createFakeEnvironment({ fetch: (input, init) => hub.fetch(new Request(input, init)) }),
      requestFlush: queueMicrotask,
    };
    environment.setRandom(0);
    const definitions = defineChannels({ a: type<number>() });
    const client = createSSEClient({ url: "http://hub/", channels: definitions, environment });
    client.channel("a").on(() => {});
    try {
      await turn();
      await hub.publish("a", 1);
      await turn();
      await hub.close({ spreadMs: 0 });
      hub = createHub();
      await hub.publish("a", 2);
      // What the hub that shut down asked for in its goodbye.
      await environment.clock.advanceAsync(1_000);
      await turn();
      expect(client.status.get().resume).toMatchObject({ type: "gap", reason: "epoch", channels: ["**"] });
      expect(client.channel("a").gap.get()).toMatchObject({ reason: "epoch" });
    } finally {
      client.close();
      await hub.close({ spreadMs: 0 });
    }
  });
});

describe("disconnect() while a schema is answering", () => {
  async function disconnectWhileAnswering(text: string) {
    let admit = () => {};
    const gate = new Promise<void>((resolve) => {
      admit = resolve;
    });
    const validate = (value: unknown) => gate.then(() => ({ value }));
    const a = { schema: { "~standard": { version: 1, vendor: "test", validate } } } as const;
    const opened = open({ channels: defineChannels<Anything>({ a }) });
    await opened.answer(hello("0") + text);
    opened.client.disconnect();
    admit();
    await turn();
    return opened;
  }

  test.each([
    ["the message", [1]],
    ["those that wait behind it, which have not even begun to be decoded by then,", [1, 2, 3]],
  ])("delivers %s first when the next stream begins, and asks for nothing twice", async (_, values) => {
    const { client, received, answer } = await disconnectWhileAnswering(
      values.map((value) => block("a", value, `k3f9q2.${value}`)).join(""),
    );
    expect(received, "no handler is called after disconnect() has returned").toEqual([]);
    client.connect();
    expect(await answer("")).toBe(`k3f9q2.${values.length}`);
    expect(received).toEqual(values);
  });
});
