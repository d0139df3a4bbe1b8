import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { browser, testTimeout } from "../../vitest.shared.ts";

export default defineConfig({
  ...browser,
  plugins: [vue()],
  test: {
    testTimeout,
    name: "vue",
    include: ["tests/**/*.test.ts"],
    environment: "jsdom",
    typecheck: { enabled: true, checker: "vue-tsc", include: ["tests/**/*.test-d.ts"], tsconfig: "./tsconfig.json" },
  },
});
