import { expect, test } from "vitest";
import { event, freshUrl } from "../world.ts";
import type { AdapterTests } from "./suite-world.ts";

/** What goes wrong, and where it shows. */
export const testErrors: AdapterTests = (adapter, createWorld) => {
  test("a final error shows in both hooks", async () => {
    const { client, harness, settle } = createWorld();
    const channel = await adapter.mount({ hook: "channel", client, name: "a" });
    const sse = await adapter.mount({ hook: "sse", source: client });
    const request = await harness.nextRequest();
    request.respond({ status: 404 });
    request.end();
    await settle();
    expect(channel.read()).toMatchObject({ error: { code: "http", status: 404 }, loading: false });
    expect(sse.read()).toMatchObject({ status: "closed", error: { code: "http", status: 404 } });
    await channel.unmount();
    await sse.unmount();
  });

  test("a connection that is lost shows in the state; what is known stays, and the channel has no error", async () => {
    const { client, open, settle } = createWorld();
    const channel = await adapter.mount({ hook: "channel", client, name: "a" });
    const sse = await adapter.mount({ hook: "sse", source: client });
    const stream = await open();
    stream.push(event(1));
    await settle();
    stream.breakBody();
    await settle();
    expect(channel.read()).toMatchObject({ data: 1, loading: false, error: null });
    expect(sse.read()).toMatchObject({ status: "reconnecting", data: 1, error: { code: "network" } });
    await channel.unmount();
    await sse.unmount();
  });

  test("a connection closed by the user is no error", async () => {
    const { client, open, settle } = createWorld();
    const channel = await adapter.mount({ hook: "channel", client, name: "a" });
    const sse = await adapter.mount({ hook: "sse", source: client });
    await open();
    client.disconnect();
    await settle();
    expect(channel.read()).toMatchObject({ loading: false, error: null });
    expect(sse.read()).toMatchObject({ status: "closed", error: null });
    await channel.unmount();
    await sse.unmount();
  });

  test("a message that cannot be decoded shows as the channel's error until the next one that can", async () => {
    const { createClient, open, settle } = createWorld();
    const client = createClient({ channels: { a: {}, b: {} } });
    const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
    const other = await adapter.mount({ hook: "channel", client, name: "b" });
    const stream = await open();
    stream.push(`${event(1)}event: a\ndata: {\n\n`);
    await settle();
    expect(mounted.read()).toMatchObject({ data: 1, error: { code: "decode" } });
    expect(other.read().error).toBeNull();
    stream.push(event(2));
    await settle();
    expect(mounted.read()).toMatchObject({ data: 2, error: null });
    await mounted.unmount();
    await other.unmount();
  });

  test("a selector that throws is an error of its component, and nobody else's", async () => {
    const { client, environment, open, settle, linger } = createWorld();
    const select = () => {
      throw new Error("not mine");
    };
    const faulty = await adapter.mount({ hook: "channel", client, name: "a", select });
    const sound = await adapter.mount({ hook: "channel", client, name: "a" });
    const stream = await open();
    expect(faulty.thrown()).toBeUndefined();
    stream.push(event(1));
    await settle();
    expect(faulty.thrown()).toEqual(new Error("not mine"));
    stream.push(event(2));
    await settle();
    expect(sound.thrown()).toBeUndefined();
    expect(sound.read()).toMatchObject({ data: 2, error: null });
    await faulty.unmount();
    await sound.unmount();
    await linger();
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });

  test("a selector that cannot take what is known already fails its component when it mounts", async () => {
    const { client, open, settle } = createWorld();
    const sound = await adapter.mount({ hook: "channel", client, name: "a" });
    (await open()).push(event(null));
    await settle();
    const select = (data: { price: number }) => data.price;
    const faulty = await adapter.mount({ hook: "channel", client, name: "a", select });
    expect(faulty.thrown()).toBeInstanceOf(TypeError);
    expect(sound.thrown()).toBeUndefined();
    await faulty.unmount();
    await sound.unmount();
  });

  test("a channel that is not defined is an error of the component that names it", async () => {
    const { createClient, harness, settle } = createWorld();
    const client = createClient({ channels: { a: {} } });
    const mounted = await adapter.mount({ hook: "channel", client, name: "b" });
    await settle();
    expect(mounted.thrown()).toMatchObject({ code: "unknown-channel" });
    expect(harness.requests).toHaveLength(0);
    await mounted.unmount();
  });

  test("an unusable URL is an error of the component that names it", async () => {
    const { environment, harness, open, linger } = createWorld();
    const error = { code: "invalid-option", option: "url" };
    const mounted = await adapter.mount({ hook: "sse", source: "ws://host.test/x" });
    expect(mounted.thrown()).toMatchObject(error);
    const changed = await adapter.mount({ hook: "sse", source: freshUrl(), options: { environment } });
    const stream = await open();
    await changed.set({ hook: "sse", source: "ws://host.test/x", options: { environment } });
    expect(changed.thrown()).toMatchObject(error);
    await mounted.unmount();
    await changed.unmount();
    await linger();
    expect(stream.aborted).toBe(true);
    expect(harness.requests).toHaveLength(1);
  });
};
