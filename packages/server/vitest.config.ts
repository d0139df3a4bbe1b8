import { defineConfig } from "vitest/config";
import { node } from "../../vitest.shared.ts";

export default defineConfig({
  ...node,
  test: {
    name: "server",
    // Thousands of random histories take seconds, and many times that on a busy machine.
    testTimeout: 60_000,
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/proxy/**"],
    typecheck: { enabled: true, include: ["tests/**/*.test-d.ts"], tsconfig: "./tsconfig.json" },
  },
});
