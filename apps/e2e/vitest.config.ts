import { defineConfig } from "vitest/config";
import { node, testTimeout } from "../../vitest.shared.ts";

export default defineConfig({
  ...node,
  test: {
    testTimeout,
    name: "e2e",
    include: ["tests/**/*.test.ts"],
  },
});
