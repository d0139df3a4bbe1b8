import { defineConfig } from "vitest/config";
import { node, testTimeout } from "../../vitest.shared.ts";

export default defineConfig({
  ...node,
  test: { testTimeout, name: "playground-server", include: ["tests/**/*.test.ts"] },
});
