import { defineConfig } from "vitest/config";
import { node } from "../../vitest.shared.ts";

/** For `pnpm run test:proxy`: it needs nginx, and time. */
export default defineConfig({
  ...node,
  root: import.meta.dirname,
  test: { name: "proxy", include: ["tests/proxy/*.test.ts"], testTimeout: 30_000 },
});
