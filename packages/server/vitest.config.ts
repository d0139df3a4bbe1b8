import { defineConfig } from "vitest/config";
import { node } from "../../vitest.shared.ts";

export default defineConfig({
  ...node,
  test: {
    name: "server",
    include: ["tests/**/*.test.ts"],
    typecheck: { enabled: true, include: ["tests/**/*.test-d.ts"], tsconfig: "./tsconfig.json" },
  },
});
