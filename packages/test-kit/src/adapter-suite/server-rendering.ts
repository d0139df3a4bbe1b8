import { expect, test } from "vitest";
import type { SuiteUse } from "../adapter-harness.ts";
import { event, freshUrl } from "../world.ts";
import type { AdapterTests } from "./suite-world.ts";

/** HTML from a server, and what the page makes of it. */
export const testServerRendering: AdapterTests = (adapter, createWorld) => {
  test("rendering on a server sends nothing and hydrating it raises no complaint", async () => {
    const { client, harness, environment, open, settle } = createWorld();
    const uses: SuiteUse[] = [
      { hook: "channel", client, name: "a" },
      { hook: "sse", source: freshUrl(), options: { environment } },
    ];
    for (const use of uses) {
      const html = await adapter.renderToString(use);
      expect(harness.requests).toHaveLength(0);
      const mounted = await adapter.hydrate(use, html);
      const stream = await open();
      stream.push(event(1));
      await settle();
      expect(mounted.read().data).toBe(1);
      expect(mounted.complaints).toEqual([]);
      await mounted.unmount();
      environment.clock.advance(1_000);
      harness.requests.length = 0;
    }
    expect(environment.leaks().timers).toBe(0);
  });

  test("a server renders the initial view, whatever is known", async () => {
    const { client, environment, open, settle } = createWorld();
    const source = freshUrl();
    const uses: SuiteUse[] = [
      { hook: "channel", client, name: "a" },
      { hook: "channel", client, name: "a", select: (data: number) => -data },
      { hook: "sse", source: client },
      { hook: "sse", source, options: { environment } },
    ];
    const first = await Promise.all(uses.map(adapter.renderToString));
    expect(new Set(first).size).toBe(2);
    const mounted = [];
    for (const use of uses) mounted.push(await adapter.mount(use));
    for (let count = 0; count < 2; count++) (await open()).push(event("known"));
    await settle();
    expect(mounted.map((component) => component.read().message?.data)).toEqual(uses.map(() => "known"));
    expect(await Promise.all(uses.map(adapter.renderToString))).toEqual(first);
    for (const component of mounted) await component.unmount();
  });

  test("a client that knows something before hydration hydrates without complaint and then shows it", async () => {
    const { client, open, settle } = createWorld();
    const uses: SuiteUse[] = [
      { hook: "channel", client, name: "a" },
      { hook: "sse", source: client },
    ];
    const html = await Promise.all(uses.map(adapter.renderToString));
    const end = client.retain();
    (await open()).push(event(1));
    await settle();
    for (const [index, use] of uses.entries()) {
      const mounted = await adapter.hydrate(use, html[index] as string);
      expect(mounted.complaints).toEqual([]);
      expect(mounted.read().data).toBe(1);
      await mounted.unmount();
    }
    end();
  });
};
