import { expect, test } from "vitest";
import { event } from "../world.ts";
import type { AdapterTests } from "./suite-world.ts";

/** When a component renders. */
export const testRendering: AdapterTests = (adapter, createWorld) => {
  test("5,000 messages in one frame are one render", async () => {
    const { client, environment, open, settle } = createWorld();
    const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
    const stream = await open();
    const renders = mounted.renders();
    for (let chunk = 0; chunk < 50; chunk++)
      stream.push(Array.from({ length: 100 }, (_, index) => event(chunk * 100 + index)).join(""));
    await environment.clock.advanceAsync(0);
    await settle();
    expect(mounted.read().data).toBe(4_999);
    expect(mounted.renders()).toBe(renders + 1);
    await mounted.unmount();
  });

  test("100 components on one channel are one connection, and each renders once per frame", async () => {
    const { client, harness, open, settle, linger } = createWorld();
    const all = [];
    for (let count = 0; count < 100; count++) all.push(await adapter.mount({ hook: "channel", client, name: "a" }));
    const stream = await open();
    for (const data of [1, 2]) {
      const renders = all.map((mounted) => mounted.renders());
      stream.push(event(0) + event(data));
      await settle();
      expect(all.map((mounted) => mounted.read().data)).toEqual(all.map(() => data));
      expect(all.map((mounted) => mounted.renders())).toEqual(renders.map((count) => count + 1));
    }
    expect(harness.requests).toHaveLength(1);
    for (const mounted of all) await mounted.unmount();
    await linger();
    expect(stream.aborted).toBe(true);
  });

  test("a frame in which nothing has changed for it renders nothing", async () => {
    const { client, open, settle } = createWorld();
    const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
    const stream = await open();
    const renders = mounted.renders();
    stream.push(": still there\n\n");
    stream.push(event(1, "b"));
    await settle();
    expect(mounted.renders()).toBe(renders);
    await mounted.unmount();
  });

  test("what arrives for a component that has left before the frame renders nothing and harms nobody", async () => {
    const { client, environment, open, settle } = createWorld();
    const leaves = await adapter.mount({ hook: "channel", client, name: "a" });
    const stays = await adapter.mount({ hook: "channel", client, name: "a" });
    const stream = await open();
    stream.push(event(1));
    await environment.clock.advanceAsync(0);
    const renders = leaves.renders();
    await leaves.unmount();
    await settle();
    expect(leaves.renders()).toBe(renders);
    expect(leaves.thrown()).toBeUndefined();
    expect(stays.read().data).toBe(1);
    await stays.unmount();
  });

  test("a hundred changes of a name between two frames end with one subscription", async () => {
    const { client, environment, harness, open, settle, linger } = createWorld();
    const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
    const stream = await open();
    for (let turn = 0; turn < 100; turn++) await mounted.set({ hook: "channel", client, name: turn % 2 ? "a" : "b" });
    stream.push(event(1));
    await settle();
    expect(mounted.read().data).toBe(1);
    expect(harness.requests).toHaveLength(1);
    await mounted.unmount();
    await linger();
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });
};
