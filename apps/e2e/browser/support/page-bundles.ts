import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import vue from "@vitejs/plugin-vue";
import { build, type PluginOption } from "vite";

/** Scripts of the pages below `pages`, by name. */
export type PageBundles = ReadonlyMap<string, string>;

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const plugins: Readonly<Record<string, () => PluginOption>> = {
  probe: () => [],
  react: () => [],
  vue: () => vue(),
  svelte: () => svelte({ configFile: false, compilerOptions: { dev: true } }),
};

/** Bundles the pages with the packages as npm users get them, and with the frameworks' development builds and warnings. */
export async function bundlePages(): Promise<PageBundles> {
  const scripts = await Promise.all(
    Object.entries(plugins).map(async ([name, plugin]) => {
      const result = await build({
        configFile: false,
        root: folder("../pages"),
        mode: "development",
        logLevel: "error",
        plugins: [plugin()],
        resolve: { conditions: ["module", "browser", "development"] },
        define: { "process.env.NODE_ENV": JSON.stringify("development") },
        build: { write: false, minify: false, rolldownOptions: { input: folder(`../pages/${name}-page.ts`) } },
      });
      const [output] = [result].flat();
      if (!output || !("output" in output)) throw new Error(`${name}-page.ts was not built.`);
      return [name, output.output[0].code] as const;
    }),
  );
  return new Map(scripts);
}
