import { defineConfig } from "vitest/config";
import { node } from "../../vitest.shared.ts";

export default defineConfig({
  ...node,
  test: { name: "playground-server", include: ["tests/**/*.test.ts"] },
});
