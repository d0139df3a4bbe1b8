import { expect, test } from "vitest";
import type { SuiteUse } from "../adapter-harness.ts";
import { freshUrl } from "../world.ts";
import type { AdapterTests } from "./suite-world.ts";

/** What a component is given beside the values. */
export const testActions: AdapterTests = (adapter, createWorld) => {
  test("both hooks give the same fields in the same order", async () => {
    const { client } = createWorld();
    const channel = await adapter.mount({ hook: "channel", client, name: "a" });
    const part = await adapter.mount({ hook: "channel", client, name: "a", select: () => 1 });
    const sse = await adapter.mount({ hook: "sse", source: client });
    const fields = ["data", "message", "history", "dropped", "gap", "loading", "error"];
    expect(Object.keys(channel.read())).toEqual(fields);
    expect(Object.keys(part.read())).toEqual(fields);
    expect(Object.keys(sse.read())).toEqual([
      ...["status", "state", "error", "data", "message", "messages"],
      ...["connect", "disconnect", "reconnect", "client"],
    ]);
    expect(sse.read().client).toBe(client);
    for (const mounted of [channel, part, sse]) await mounted.unmount();
  });

  test("disconnect, connect and reconnect act on the client that is shown", async () => {
    const { environment, harness, open, settle } = createWorld();
    const [before, after] = [freshUrl(), freshUrl()];
    const use = (source: string): SuiteUse => ({ hook: "sse", source, options: { environment } });
    const stays = await adapter.mount(use(before));
    const old = await open();
    const mounted = await adapter.mount(use(before));
    await mounted.set(use(after));
    const next = await open();
    mounted.read().disconnect?.();
    await settle();
    expect([old.aborted, next.aborted]).toEqual([false, true]);
    expect([stays.read().status, mounted.read().status]).toEqual(["open", "closed"]);
    mounted.read().connect?.();
    await open();
    mounted.read().reconnect?.();
    await open();
    expect(harness.requests.map(({ url }) => url)).toEqual([before, after, after, after]);
    expect(mounted.read().status).toBe("open");
    await stays.unmount();
    await mounted.unmount();
  });

  test("the client follows the URL and is the same for all who name it", async () => {
    const { environment } = createWorld();
    const [before, after] = [freshUrl(), freshUrl()];
    const use = (source: string): SuiteUse => ({ hook: "sse", source, options: { environment } });
    const first = await adapter.mount(use(before));
    const second = await adapter.mount(use(after));
    const { client } = first.read();
    expect(client).not.toBe(second.read().client);
    await first.set(use(before));
    expect(first.read().client).toBe(client);
    await first.set(use(after));
    expect(first.read().client).toBe(second.read().client);
    await first.unmount();
    await second.unmount();
  });

  test("what a user has disconnected stays so for whoever mounts later, until connect()", async () => {
    const { environment, harness, open, settle, linger } = createWorld();
    const use: SuiteUse = { hook: "sse", source: freshUrl(), options: { environment } };
    const first = await adapter.mount(use);
    await open();
    first.read().disconnect?.();
    await first.unmount();
    await linger();
    const second = await adapter.mount(use);
    await settle();
    expect(second.read().status).toBe("closed");
    expect(harness.requests).toHaveLength(1);
    second.read().connect?.();
    await open();
    expect(second.read().status).toBe("open");
    await second.unmount();
  });
};
