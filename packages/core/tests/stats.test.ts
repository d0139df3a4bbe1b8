import { afterEach, describe, expect, test, vi } from "vitest";
import { createSSEClient, defineChannels, type SSEMessage, type } from "../src/index.ts";
import { createFakeServer } from "../src/testing/index.ts";
import { createTestClient, frame, hello } from "./support/test-client.ts";

const channels = defineChannels({ a: type<{ at?: number }>(), b: {}, "chat/*": {} });

afterEach(() => vi.unstubAllGlobals());

// SPEC 85
describe("the figures of a client", () => {
  test("begin with nothing, and are one value until the next frame", async () => {
    const { client, environment, open } = createTestClient({ channels });
    expect(client.stats.get()).toMatchObject({
      bytes: 0,
      messages: 0,
      invalid: 0,
      unknown: 0,
      duplicates: 0,
      gaps: 0,
      connects: 0,
      reconnects: 0,
      lastByteAt: null,
      lastMessageAt: null,
      latencyMs: null,
    });
    const onChange = vi.fn();
    client.stats.subscribe(onChange);
    client.retain();
    const stream = await open();
    onChange.mockClear();
    const before = client.stats.get();
    stream.push(frame("b", 1) + frame("b", 2));
    await environment.clock.advanceAsync(0);
    expect(client.stats.get()).toBe(before);
    environment.flush();
    expect(onChange).toHaveBeenCalledOnce();
    expect(client.stats.get()).toMatchObject({ messages: 2 });
    expect(before.messages).toBe(0);
  });

  test("count bytes as they come, comments included, and messages by what became of them", async () => {
    const { client, environment, open, settle } = createTestClient({ channels });
    client.retain();
    const stream = await open();
    environment.clock.sleep(7);
    const parts = [
      hello({ pos: "5" }),
      ": a comment of \u20AC\n\n",
      frame("b", 1, "abc123.6"),
      frame("b", 1, "abc123.6"),
      "event: b\ndata: {\n\n",
      frame("nobody", 1),
      frame("sse.later", {}),
      frame("sse.gap", { channels: ["b"], reason: "slow", from: null, to: "abc123.6" }),
    ];
    stream.push(parts.join(""));
    await settle();
    expect(client.stats.get()).toMatchObject({
      bytes: new TextEncoder().encode(parts.join("")).length,
      messages: 1,
      duplicates: 1,
      invalid: 1,
      unknown: 1,
      gaps: 1,
      connects: 1,
      reconnects: 0,
      lastByteAt: 7,
      lastMessageAt: 7,
    });
    environment.clock.sleep(5);
    stream.push(":\n");
    await settle();
    expect(client.stats.get()).toMatchObject({ lastByteAt: 12, lastMessageAt: 7 });
  });

  test("count streams, not attempts", async () => {
    const authorize = vi.fn().mockReturnValue(200);
    const server = createFakeServer({ authorize });
    const client = createSSEClient({ url: "/events", environment: server.environment });
    client.retain();
    await server.settle();
    expect(client.stats.get()).toMatchObject({ connects: 1, reconnects: 0 });
    authorize.mockReturnValueOnce(503).mockReturnValueOnce(503);
    await server.drop();
    await server.advance(60_000);
    expect(client.stats.get()).toMatchObject({ connects: 2, reconnects: 1 });
  });

  test("count messages per channel: those defined and those asked for, not all that a server can name", async () => {
    const { client, open, settle } = createTestClient({ channels });
    client.retain();
    client.channel("chat/constructor");
    client.channel("chat/__proto__");
    const stream = await open();
    for (const name of ["a", "a", "chat/constructor", "chat/__proto__", "chat/other"]) stream.push(frame(name, {}));
    await settle();
    const { messages, channels: counts } = client.stats.get();
    expect(messages).toBe(5);
    expect(Object.entries(counts).filter(([, count]) => count > 0)).toEqual(
      expect.arrayContaining([
        ["a", 2],
        ["chat/*", 3],
        ["chat/constructor", 1],
        ["chat/__proto__", 1],
      ]),
    );
    expect(Object.keys(counts)).not.toContain("chat/other");
  });
});

// SPEC 86
describe("latency", () => {
  const sentAt = ({ data }: SSEMessage) => (data as { at?: number }).at;

  test("is that of the last live message that says when it was sent", async () => {
    const { client, environment, open, settle } = createTestClient({ channels, sentAt });
    client.retain();
    const stream = await open();
    environment.clock.sleep(100);
    stream.push(frame("a", { at: 60 }));
    await settle();
    expect(client.stats.get().latencyMs).toBe(40);
    stream.push(frame("a", {}));
    await settle();
    expect(client.stats.get().latencyMs).toBe(40);
    stream.push(frame("a", { at: 110 }));
    await settle();
    expect(client.stats.get().latencyMs).toBe(-10);
  });

  test("is not that of what was replayed", async () => {
    const { client, environment, open, settle } = createTestClient({ channels, sentAt });
    client.retain();
    const stream = await open();
    environment.clock.sleep(100);
    stream.push(hello({ pos: "5", resume: "resumed", replayed: 1 }) + frame("a", { at: 1 }, "abc123.4"));
    await settle();
    expect(client.stats.get()).toMatchObject({ messages: 1, latencyMs: null });
    stream.push(frame("a", { at: 99 }, "abc123.6"));
    await settle();
    expect(client.stats.get().latencyMs).toBe(1);
  });

  test("a function that throws is reported; the message is delivered and the stream goes on", async () => {
    const reportError = vi.fn();
    vi.stubGlobal("reportError", reportError);
    const { client, open, settle } = createTestClient({
      channels,
      sentAt() {
        throw new Error("no clock");
      },
    });
    const heard: unknown[] = [];
    client.channel("b").on(({ data }) => heard.push(data));
    const stream = await open();
    stream.push(frame("b", 1) + frame("b", 2));
    await settle();
    expect(heard).toEqual([1, 2]);
    expect(reportError.mock.calls).toEqual([[new Error("no clock")], [new Error("no clock")]]);
    expect(client.stats.get()).toMatchObject({ messages: 2, latencyMs: null });
  });
});
