import { defineConfig } from "vitest/config";
import { node, testTimeout } from "../../vitest.shared.ts";

export default defineConfig({
  ...node,
  test: {
    testTimeout,
    name: "server",
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/proxy/**"],
    typecheck: { enabled: true, include: ["tests/**/*.test-d.ts"], tsconfig: "./tsconfig.json" },
  },
});
