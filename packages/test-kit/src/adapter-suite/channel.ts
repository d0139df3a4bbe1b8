import { expect, test } from "vitest";
import { event } from "../world.ts";
import type { AdapterTests } from "./suite-world.ts";

const hello = `event: sse.hello\ndata: ${JSON.stringify({
  version: 1,
  conn: "c1",
  epoch: "abc123",
  pos: "0",
  heartbeatMs: null,
  channels: ["**"],
  resume: "gap",
  replayed: 0,
})}\n\n`;
const lost = event({ channels: ["a"], reason: "trimmed", from: null, to: "abc123.5" }, "sse.gap");

/** What a component shows of a channel. */
export const testChannel: AdapterTests = (adapter, createWorld) => {
  test("a channel is loading, then empty, then shows its first value and every later one", async () => {
    const { client, open, settle } = createWorld();
    const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
    expect(mounted.read()).toMatchObject({ loading: true, message: null, error: null });
    const stream = await open();
    expect(mounted.read()).toMatchObject({ loading: false, message: null });
    stream.push(event(1));
    await settle();
    expect(mounted.read()).toMatchObject({ data: 1, loading: false });
    stream.push(event(2) + event(3));
    await settle();
    expect(mounted.read().data).toBe(3);
    expect(mounted.read().history?.map(({ data }) => data)).toEqual([1, 2, 3]);
    await mounted.unmount();
  });

  test("a channel mounted later shows at once what is known", async () => {
    const { client, open, settle } = createWorld();
    const first = await adapter.mount({ hook: "channel", client, name: "a" });
    (await open()).push(event(1));
    await settle();
    const second = await adapter.mount({ hook: "channel", client, name: "a" });
    expect(second.read()).toEqual(first.read());
    await first.unmount();
    await second.unmount();
  });

  test("equal messages one after the other are seen as two", async () => {
    const { client, open, settle } = createWorld();
    const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
    const stream = await open();
    stream.push(event("same"));
    await settle();
    const { message } = mounted.read();
    const renders = mounted.renders();
    stream.push(event("same"));
    await settle();
    expect(mounted.read().message).not.toBe(message);
    expect(mounted.renders()).toBe(renders + 1);
    await mounted.unmount();
  });

  test("values are those of the client, not copies", async () => {
    const { client, open, settle } = createWorld();
    const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
    (await open()).push(event({ deep: {} }));
    await settle();
    const { data, message, history } = mounted.read();
    expect(message?.data).toBe(data);
    expect(history?.[0]).toBe(message);
    await mounted.unmount();
  });

  test("a selector renders only when what it takes changes", async () => {
    const { client, open, settle } = createWorld();
    const select = ({ price }: { price: number }) => Math.floor(price / 10);
    const mounted = await adapter.mount({ hook: "channel", client, name: "a", select });
    const stream = await open();
    stream.push(event({ price: 11 }));
    await settle();
    expect(mounted.read().data).toBe(1);
    const renders = mounted.renders();
    stream.push(event({ price: 12 }) + event({ price: 19 }));
    await settle();
    stream.push(event({ price: 15 }, "b"));
    await settle();
    expect(mounted.renders()).toBe(renders);
    expect(mounted.read().history).toHaveLength(1);
    stream.push(event({ price: 20 }));
    await settle();
    expect(mounted.read().data).toBe(2);
    expect(mounted.read().history).toHaveLength(4);
    expect(mounted.renders()).toBe(renders + 1);
    await mounted.unmount();
  });

  test("a gap is shown, also where a selector takes the same as before", async () => {
    const { client, open, settle } = createWorld();
    const whole = await adapter.mount({ hook: "channel", client, name: "a" });
    const part = await adapter.mount({ hook: "channel", client, name: "a", select: () => "same" });
    const other = await adapter.mount({ hook: "channel", client, name: "b" });
    const stream = await open();
    stream.push(`${hello}id: abc123.1\n${event(1)}`);
    await settle();
    expect(part.read()).toMatchObject({ data: "same", gap: null });
    stream.push(lost);
    await settle();
    expect(whole.read().gap).toMatchObject({ reason: "trimmed", to: "abc123.5" });
    expect(part.read()).toMatchObject({ data: "same", gap: { reason: "trimmed" } });
    expect(other.read().gap).toBeNull();
    for (const mounted of [whole, part, other]) await mounted.unmount();
  });
};
