import { afterEach, expect, test, vi } from "vitest";
import { createHarness } from "./harness.svelte.js";
import Mismatch from "./mismatch.svelte";
import RunesProbe from "./runes-probe.svelte";
import { createWorld, event } from "./world.js";

afterEach(() => vi.restoreAllMocks());

const harness = createHarness(RunesProbe, "runes-probe.svelte");

test.each([
  ["lacks an element", (html: string) => html.replace(/<output>.*<\/output>/, "")],
  ["lacks Svelte's comments", (html: string) => html.replaceAll("<!--]-->", "")],
])("HTML that %s is complained about", async (_, spoil) => {
  const { client } = createWorld();
  const use = { hook: "sse", source: client } as const;
  const html = await harness.renderToString(use);
  expect((await harness.hydrate(use, html)).complaints).toEqual([]);
  expect((await harness.hydrate(use, spoil(html))).complaints).not.toEqual([]);
});

test("what Svelte would not mend is the same as on the server, though the client knows more", async () => {
  const { client, open, settle } = createWorld();
  const probe = createHarness(Mismatch, "mismatch.svelte");
  const use = { hook: "channel", client, name: "a" } as const;
  const html = await probe.renderToString(use);
  const end = client.retain();
  (await open()).push(event(1));
  await settle();
  const mounted = await probe.hydrate(use, html);
  expect(mounted.complaints).toEqual([]);
  expect(mounted.renders()).toBeGreaterThan(1);
  end();
});
