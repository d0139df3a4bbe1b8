import { render } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { VERSION } from "svelte/compiler";
import { expect, test } from "vitest";
import { peerDependencies } from "../../../packages/svelte/package.json" with { type: "json" };
import { createSSEClient, SSEProvider, useSSEClient } from "../../../packages/svelte/src/index.ts";

// The context of one Svelte is unknown to another, so that this shows what the adapter's sources import.
test("the adapter runs with the oldest Svelte of its peer range", () => {
  const client = createSSEClient({ url: "/events" });
  const children = createRawSnippet(() => ({ render: () => `<p>${useSSEClient()() === client}</p>` }));
  const { container } = render(SSEProvider, { client, children });
  expect(container.textContent).toBe("true");
  expect(peerDependencies.svelte).toBe(`^${VERSION}`);
});
