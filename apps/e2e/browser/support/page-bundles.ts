import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Scripts of the pages below `pages`, by name. */
export type PageBundles = ReadonlyMap<string, string>;

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Bundles the pages with the packages as npm users get them, and with React's development build and its warnings. */
export async function bundlePages(): Promise<PageBundles> {
  const scripts = await Promise.all(
    (["probe", "react"] as const).map(async (name) => {
      const result = await build({
        configFile: false,
        root: folder("../pages"),
        logLevel: "error",
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
