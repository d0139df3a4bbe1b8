import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";
import { browser, node, testTimeout } from "../../vitest.shared.ts";

export default defineConfig({
  ...browser,
  ...(node.ssr && { ssr: node.ssr }),
  plugins: [svelte(), svelteTesting()],
  test: { testTimeout, name: "svelte", include: ["tests/**/*.test.ts"], environment: "jsdom" },
});
