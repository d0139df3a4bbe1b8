import { defineConfig } from "vitest/config";
import { browser, testTimeout } from "../../vitest.shared.ts";

export default defineConfig({
  ...browser,
  test: {
    testTimeout,
    name: "react",
    include: ["tests/**/*.test.{ts,tsx}"],
    environment: "jsdom",
    typecheck: { enabled: true, include: ["tests/**/*.test-d.tsx"], tsconfig: "./tsconfig.json" },
  },
});
