import { join } from "node:path";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";
import { browser, node } from "../../../vitest.shared.ts";
import { compileSvelte } from "./compile-svelte.ts";

// The adapter's own tests with the oldest Svelte that its peer range allows: whatever they import comes from here.
export default defineConfig({
  ...browser,
  ...(node.ssr && { ssr: node.ssr }),
  plugins: [compileSvelte, svelteTesting()],
  resolve: {
    ...browser.resolve,
    alias: [{ find: /.*\/render-on-server\.[jt]s$/, replacement: join(import.meta.dirname, "render-on-server.ts") }],
    dedupe: ["svelte", "@testing-library/svelte"],
  },
  test: {
    name: "svelte oldest",
    include: ["version.test.ts", "../../../packages/svelte/tests/**/*.test.ts"],
    environment: "jsdom",
    // Components are compiled for a server by another Vite.
    testTimeout: 30_000,
  },
});
