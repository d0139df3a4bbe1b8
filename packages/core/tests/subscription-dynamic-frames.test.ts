import { describe, expect, test } from "vitest";
import { defineChannels, dynamic, type } from "../src/index.ts";
import { createTestClient, frame, hello } from "./support/test-client.ts";

const channels = defineChannels({ a: type<number>(), b: type<number>(), "chat/*": type<number>() });

/** A client whose stream carries "a", and the frames written by hand. */
async function createStory(...names: readonly string[]) {
  const { client, harness, open, settle, environment } = createTestClient({
    channels,
    subscription: dynamic(),
    lingerMs: 0,
  });
  const received: unknown[] = [];
  client.on("message", ({ channel, data }) => received.push([channel, data]));
  const join = (name: string) => client.channel(name as "a").on(() => {});
  for (const name of ["a", ...names]) join(name);
  const stream = await open();
  stream.push(hello({ pos: "1" }));
  await settle();
  return {
    client,
    received,
    join,
    open,
    settle,
    stream,
    /** The body of the next change, which is answered. */
    async change() {
      const request = await harness.nextRequest();
      request.respond({ status: 200, headers: { "content-type": "application/json" } });
      request.push('{"channels":[],"rejected":[]}');
      request.end();
      await settle();
      return request;
    },
    async leave(end: () => void) {
      end();
      await environment.clock.advanceAsync(1);
      await settle();
    },
  };
}

const marker = (channel: string, pos: string) => frame("sse.subscribed", { channel, pos });

// SPEC 65
describe("what is replayed of a channel that is added", () => {
  test("is held until its marker, delivered in order, and moves the cursor to where the marker says", async () => {
    const { client, received, join, settle, stream, change } = await createStory();
    join("b");
    await settle();
    await change();
    stream.push(frame("b", 1) + frame("a", 2, "abc123.5") + frame("b", 3));
    await settle();
    expect(received).toEqual([["a", 2]]);
    stream.push(marker("b", "9") + frame("b", 4, "abc123.a"));
    await settle();
    expect(received).toEqual([
      ["a", 2],
      ["b", 1],
      ["b", 3],
      ["b", 4],
    ]);
    expect(client.status.get().lastEventId).toBe("abc123.a");
  });

  test("is delivered when the marker is there before the answer", async () => {
    const { received, join, settle, stream, change } = await createStory();
    join("b");
    await settle();
    stream.push(frame("b", 1) + marker("b", "5"));
    await settle();
    expect(received).toEqual([["b", 1]]);
    await change();
    join("chat/1");
    await settle();
    expect(JSON.parse(`${(await change()).body}`)).toMatchObject({ subscribe: ["chat/1"] });
  });

  test("comes again without an id if it was on its way when the channel was left: such a message is ignored", async () => {
    const { received, join, settle, stream, change, leave } = await createStory();
    const end = join("b");
    await settle();
    await change();
    stream.push(marker("b", "2"));
    await settle();
    await leave(end);
    await change();
    stream.push(frame("b", 1, "abc123.3"));
    await settle();
    join("b");
    await settle();
    const { body } = await change();
    expect(JSON.parse(`${body}`)).toMatchObject({ since: { b: "abc123.2" } });
    stream.push(frame("b", 2, "abc123.4") + frame("b", 1) + frame("b", 2) + marker("b", "4"));
    await settle();
    expect(received).toEqual([
      ["b", 1],
      ["b", 2],
    ]);
  });

  test("does not hold back what the stream carries already", async () => {
    const { received, join, settle, stream, change } = await createStory("chat/1");
    join("chat/*");
    await settle();
    await change();
    stream.push(frame("chat/2", 1) + frame("chat/1", 2, "abc123.2"));
    await settle();
    expect(received).toEqual([["chat/1", 2]]);
    stream.end();
    await settle();
    expect(received).toEqual([["chat/1", 2]]);
  });

  test("nor what a pattern carries that is there already", async () => {
    const { received, join, settle, stream, change } = await createStory("chat/*");
    join("chat/1");
    await settle();
    await change();
    stream.push(frame("chat/1", 1, "abc123.2"));
    await settle();
    expect(received).toEqual([["chat/1", 1]]);
  });

  test.each([
    ["chat/*", "chat/1"],
    ["chat/1", "chat/*"],
  ])("%s, left while %s is added, goes on until it is there", async (left, added) => {
    const { received, join, settle, stream, change, leave } = await createStory();
    const end = join(left);
    await settle();
    await change();
    stream.push(marker(left, "2"));
    await settle();
    join(added);
    await settle();
    await change();
    await leave(end);
    stream.push(frame("chat/1", 1, "abc123.3"));
    await settle();
    expect(received).toEqual([["chat/1", 1]]);
    stream.push(marker(added, "3"));
    await settle();
    expect(JSON.parse(`${(await change()).body}`)).toMatchObject({ unsubscribe: [left] });
  });

  test("a marker of a name that nobody asked for does no harm", async () => {
    const { client, received, settle, stream } = await createStory();
    stream.push(marker("other", "7") + frame("a", 1, "abc123.8"));
    await settle();
    expect(received).toEqual([["a", 1]]);
    expect(client.status.get().status).toBe("open");
  });
});
