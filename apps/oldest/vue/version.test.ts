import { expect, test } from "vitest";
import { createSSRApp, h, version } from "vue";
import { renderToString } from "vue/server-renderer";
import { peerDependencies } from "../../../packages/vue/package.json" with { type: "json" };
import { createSSEClient, SSEProvider, useSSEClient } from "../../../packages/vue/src/index.ts";

// What one Vue provides, another does not inject, so that this shows what the adapter's sources import.
test("the adapter runs with the oldest Vue of its peer range", async () => {
  const client = createSSEClient({ url: "/events" });
  const Child = { setup: () => () => String(useSSEClient().value === client) };
  const app = createSSRApp({ render: () => h(SSEProvider, { client }, { default: () => h(Child) }) });
  expect(await renderToString(app)).toContain("true");
  expect(peerDependencies.vue).toBe(`^${version}`);
});
