import { expect, test } from "vitest";
import type { SuiteUse } from "../adapter-harness.ts";
import { event, freshUrl } from "../world.ts";
import type { AdapterTests } from "./suite-world.ts";

/** Who opens a connection, who shares it, who closes it. */
export const testConnection: AdapterTests = (adapter, createWorld) => {
  test("two readers of one client share a connection", async () => {
    const { client, harness, open } = createWorld();
    const first = await adapter.mount({ hook: "channel", client, name: "a" });
    const second = await adapter.mount({ hook: "channel", client, name: "b" });
    await open();
    expect(harness.requests).toHaveLength(1);
    await first.unmount();
    await second.unmount();
  });

  test("two components that name one URL, with options written inline, share a connection", async () => {
    const { environment, harness, open, settle } = createWorld();
    const source = freshUrl();
    const use = (): SuiteUse => ({
      hook: "sse",
      source: new URL(source),
      options: { environment, headers: {}, onError: () => {} },
    });
    const first = await adapter.mount(use());
    const second = await adapter.mount({ ...use(), source } as SuiteUse);
    const stream = await open();
    await first.set(use());
    stream.push("data: 1\n\n");
    await settle();
    expect([first.read(), second.read()]).toMatchObject([
      { data: 1, status: "open" },
      { data: 1, status: "open" },
    ]);
    expect(harness.requests).toHaveLength(1);
    await first.unmount();
    await second.unmount();
  });

  test("observing a client opens nothing", async () => {
    const { client, harness, settle } = createWorld();
    const mounted = await adapter.mount({ hook: "sse", source: client });
    await settle();
    expect(mounted.read()).toMatchObject({ status: "idle", data: undefined, error: null });
    expect(harness.requests).toHaveLength(0);
    await mounted.unmount();
  });

  test("who observes a client sees the connection that a later component opens, and leaving does not close it", async () => {
    const { client, open, settle, linger } = createWorld();
    const observer = await adapter.mount({ hook: "sse", source: client });
    const channel = await adapter.mount({ hook: "channel", client, name: "a" });
    const stream = await open();
    stream.push(event(1));
    await settle();
    expect(observer.read()).toMatchObject({ status: "open", data: 1 });
    await observer.unmount();
    await linger();
    expect(stream.aborted).toBe(false);
    await channel.unmount();
  });

  test("who observes a client does not keep open what others leave", async () => {
    const { client, open, linger } = createWorld();
    const observer = await adapter.mount({ hook: "sse", source: client });
    const channel = await adapter.mount({ hook: "channel", client, name: "a" });
    const stream = await open();
    await channel.unmount();
    await linger();
    expect(stream.aborted).toBe(true);
    expect(observer.read().status).toBe("idle");
    await observer.unmount();
  });

  test.each(["channel", "sse"] as const)(
    "unmounting %s closes after the linger time and leaves nothing",
    async (hook) => {
      const { client, environment, open, linger } = createWorld();
      const mounted = await adapter.mount(
        hook === "sse" ? { hook, source: freshUrl(), options: { environment } } : { hook, client, name: "a" },
      );
      const stream = await open();
      await mounted.unmount();
      environment.clock.advance(900);
      expect(stream.aborted).toBe(false);
      await linger();
      expect(stream.aborted).toBe(true);
      expect(client.status.get().status).toBe("idle");
      expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
    },
  );

  test("remounting within the linger time keeps the connection and what it knows", async () => {
    const { environment, harness, open, settle } = createWorld();
    const use: SuiteUse = { hook: "sse", source: freshUrl(), options: { environment } };
    const first = await adapter.mount(use);
    const stream = await open();
    stream.push("data: 1\n\n");
    await settle();
    await first.unmount();
    environment.clock.advance(900);
    const second = await adapter.mount(use);
    environment.clock.advance(10_000);
    await settle();
    expect(second.read()).toMatchObject({ status: "open", data: 1 });
    expect(harness.requests).toHaveLength(1);
    await second.unmount();
  });

  test("a URL that is named again after the linger time is a new stream, which knows nothing of the old one", async () => {
    const { environment, open, settle, linger } = createWorld();
    const use: SuiteUse = { hook: "sse", source: freshUrl(), options: { environment } };
    const first = await adapter.mount(use);
    (await open()).push("id: 7\ndata: 1\n\n");
    await settle();
    await first.unmount();
    await linger();
    const second = await adapter.mount(use);
    const stream = await open();
    expect(second.read()).toMatchObject({ status: "open", data: undefined, messages: [] });
    expect(stream.headers.get("last-event-id")).toBeNull();
    await second.unmount();
  });

  test("a channel that is shown again after the linger time continues where it ended", async () => {
    const { client, open, settle, linger } = createWorld();
    const first = await adapter.mount({ hook: "channel", client, name: "a" });
    (await open()).push(`id: 7\n${event(1)}`);
    await settle();
    await first.unmount();
    await linger();
    const second = await adapter.mount({ hook: "channel", client, name: "a" });
    expect(second.read()).toMatchObject({ data: 1, loading: false });
    expect((await open()).headers.get("last-event-id")).toBe("7");
    await second.unmount();
  });
};
