import { join } from "node:path";
import type { Component, ComponentProps } from "svelte";
import { afterAll, beforeAll } from "vitest";
import { createViteServer } from "vitest/node";
import { node } from "../../../vitest.shared.ts";
import { compileSvelte } from "./compile-svelte.ts";

type Load = <Module>(file: string) => Promise<Module>;

const tests = join(import.meta.dirname, "../../../packages/svelte/tests");
let vite: Awaited<ReturnType<typeof createViteServer>>;

beforeAll(async () => {
  vite = await createViteServer({
    ...node,
    root: import.meta.dirname,
    configFile: false,
    logLevel: "error",
    plugins: [compileSvelte],
    resolve: { ...node.resolve, dedupe: ["svelte"] },
    server: { middlewareMode: true, ws: false, watch: null },
  });
}, 60_000);

afterAll(() => vite.close());

/** Stands in for the function of that name among the adapter's tests, which needs the Vite plugin. */
export async function renderOnServer<Probe extends Component<never>>(
  choose: (load: Load) => Promise<{ component: Probe; props: ComponentProps<Probe> }>,
): Promise<string> {
  const { component, props } = await choose(async (file) => (await vite.ssrLoadModule(join(tests, file)))["default"]);
  const { render } = await vite.ssrLoadModule("svelte/server");
  return render(component, { props }).body;
}
