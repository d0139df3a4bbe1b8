import { defineConfig } from "vitest/config";
import { node } from "../../vitest.shared.ts";

export default defineConfig({
  ...node,
  test: { name: "bench", include: ["tests/**/*.test.ts"] },
});
