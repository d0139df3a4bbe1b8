import { expect, test } from "vitest";
import type { SuiteUse } from "../adapter-harness.ts";
import { event, freshUrl } from "../world.ts";
import type { AdapterTests } from "./suite-world.ts";

/** A component that is given other arguments. */
export const testArguments: AdapterTests = (adapter, createWorld) => {
  test("another URL ends the old stream and shows only the new one", async () => {
    const { environment, open, settle } = createWorld();
    const [before, after] = [freshUrl(), freshUrl()];
    const mounted = await adapter.mount({ hook: "sse", source: before, options: { environment } });
    const old = await open();
    old.push("data: 1\n\n");
    await settle();
    await mounted.set({ hook: "sse", source: after, options: { environment } });
    const next = await open();
    expect(next.url).toBe(after);
    old.push("data: 2\n\n");
    next.push("data: 3\n\n");
    await settle();
    expect(mounted.read().messages?.map(({ data }) => data)).toEqual([3]);
    environment.clock.advance(1_000);
    expect(old.aborted).toBe(true);
    expect(next.aborted).toBe(false);
    await mounted.unmount();
  });

  test("another key is another connection to the same URL, and the one before it ends", async () => {
    const { environment, open, settle, linger } = createWorld();
    const source = freshUrl();
    const mounted = await adapter.mount({ hook: "sse", source, options: { environment, key: "ann" } });
    const old = await open();
    old.push("data: 1\n\n");
    await settle();
    await mounted.set({ hook: "sse", source, options: { environment, key: "bob" } });
    expect(mounted.read()).toMatchObject({ status: "connecting", data: undefined });
    const next = await open();
    await linger();
    expect([old.aborted, next.aborted]).toEqual([true, false]);
    await mounted.unmount();
  });

  test("a client in place of a URL is only observed; a URL in place of a client opens", async () => {
    const { client, environment, harness, open, linger } = createWorld();
    const byUrl: SuiteUse = { hook: "sse", source: freshUrl(), options: { environment } };
    const mounted = await adapter.mount(byUrl);
    const old = await open();
    await mounted.set({ hook: "sse", source: client });
    expect(mounted.read()).toMatchObject({ status: "idle", data: undefined });
    await linger();
    expect(old.aborted).toBe(true);
    expect(harness.requests).toHaveLength(1);
    await mounted.set(byUrl);
    await open();
    expect(mounted.read().status).toBe("open");
    await mounted.unmount();
  });

  test("another client in place of one that is observed shows its state; neither is opened or closed", async () => {
    const { client, createClient, harness, open, settle, linger } = createWorld();
    const end = client.retain();
    const stream = await open();
    const mounted = await adapter.mount({ hook: "sse", source: client });
    stream.push(event(1));
    await settle();
    expect(mounted.read()).toMatchObject({ status: "open", data: 1 });
    await mounted.set({ hook: "sse", source: createClient() });
    await linger();
    expect(mounted.read()).toMatchObject({ status: "idle", data: undefined });
    await mounted.set({ hook: "sse", source: client });
    expect(mounted.read()).toMatchObject({ status: "open", data: 1 });
    expect(harness.requests).toHaveLength(1);
    await mounted.unmount();
    end();
  });

  test("the next request has the options given last, and none that are not given any more", async () => {
    const { environment, open } = createWorld();
    const source = freshUrl();
    const use = (given: object): SuiteUse => ({ hook: "sse", source, options: { environment, ...given } });
    const mounted = await adapter.mount(use({ headers: { "x-user": "ann" } }));
    const seen = [(await open()).headers.get("x-user")];
    for (const given of [{ headers: { "x-user": "bob" } }, {}]) {
      await mounted.set(use(given));
      mounted.read().reconnect?.();
      seen.push((await open()).headers.get("x-user"));
    }
    expect(seen).toEqual(["ann", "bob", null]);
    await mounted.unmount();
  });

  test("options of a component that comes to a known URL are used by the next request", async () => {
    const { environment, open } = createWorld();
    const source = freshUrl();
    const use = (user: string): SuiteUse => ({
      hook: "sse",
      source,
      options: { environment, headers: { "x-user": user } },
    });
    const first = await adapter.mount(use("ann"));
    await open();
    const second = await adapter.mount(use("bob"));
    first.read().reconnect?.();
    expect((await open()).headers.get("x-user")).toBe("bob");
    await first.unmount();
    await second.unmount();
  });

  test("another channel shows that one's values", async () => {
    const { client, harness, open, settle } = createWorld();
    const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
    const stream = await open();
    stream.push(event(1));
    await settle();
    await mounted.set({ hook: "channel", client, name: "b" });
    expect(mounted.read().message).toBeNull();
    stream.push(event(2) + event(3, "b"));
    await settle();
    expect(mounted.read().data).toBe(3);
    expect(harness.requests).toHaveLength(1);
    await mounted.unmount();
  });

  test("another client shows its channel, and the connection of the one before it ends", async () => {
    const { client, createClient, open, settle, linger } = createWorld();
    const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
    const old = await open();
    old.push(event(1));
    await settle();
    await mounted.set({ hook: "channel", client: createClient(), name: "a" });
    expect(mounted.read()).toMatchObject({ data: undefined, loading: true });
    const next = await open();
    old.push(event(2));
    next.push(event(3));
    await settle();
    expect(mounted.read().history?.map(({ data }) => data)).toEqual([3]);
    await linger();
    expect([old.aborted, next.aborted]).toEqual([true, false]);
    await mounted.unmount();
  });
};
