import { defineConfig } from "vitest/config";
import { node } from "../../vitest.shared.ts";

export default defineConfig({
  ...node,
  test: {
    name: "test-kit",
    include: ["tests/**/*.test.ts"],
  },
});
