import { defineConfig } from "vitest/config";
import { browser } from "../../vitest.shared.ts";

export default defineConfig({
  ...browser,
  test: {
    name: "react",
    include: ["tests/**/*.test.{ts,tsx}"],
    environment: "jsdom",
    typecheck: { enabled: true, include: ["tests/**/*.test-d.tsx"], tsconfig: "./tsconfig.json" },
  },
});
