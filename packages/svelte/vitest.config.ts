import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";
import { browser } from "../../vitest.shared.ts";

export default defineConfig({
  ...browser,
  plugins: [svelte(), svelteTesting()],
  test: { name: "svelte", include: ["tests/**/*.test.ts"], environment: "jsdom" },
});
