import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Component } from "svelte";
import { afterAll, beforeAll } from "vitest";
import { createViteServer } from "vitest/node";
import { node } from "../../../vitest.shared.ts";

type Load = <Module>(file: string) => Promise<Module>;

// One for the file of tests that imports this.
let vite: Awaited<ReturnType<typeof createViteServer>>;

beforeAll(async () => {
  vite = await createViteServer({
    ...node,
    root: import.meta.dirname,
    configFile: false,
    logLevel: "error",
    plugins: [svelte({ configFile: false, prebundleSvelteLibraries: false })],
    server: { middlewareMode: true, ws: false, watch: null },
  });
}, 60_000);

afterAll(() => vite.close());

/** Renders as a server does: what `choose` loads is compiled for one, and uses the Svelte for one. */
export async function renderOnServer<Props extends object>(
  choose: (load: Load) => Promise<{ component: Component<Props>; props: Props }>,
): Promise<string> {
  const { component, props } = await choose(async (file) => (await vite.ssrLoadModule(`/${file}`))["default"]);
  const { render } = await vite.ssrLoadModule("svelte/server");
  return render(component, { props }).body;
}
