import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { browser } from "../../../vitest.shared.ts";

// The adapter's own tests with the oldest Vue that its peer range allows: whatever they import comes from here.
export default defineConfig({
  ...browser,
  plugins: [vue()],
  resolve: { ...browser.resolve, dedupe: ["vue", "@testing-library/vue"] },
  test: {
    name: "vue oldest",
    include: ["version.test.ts", "../../../packages/vue/tests/**/*.test.ts"],
    environment: "jsdom",
  },
});
