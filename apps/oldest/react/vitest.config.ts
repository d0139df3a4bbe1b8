import { defineConfig } from "vitest/config";
import { browser, testTimeout } from "../../../vitest.shared.ts";

// The adapter's own tests with the oldest React that its peer range allows: whatever they import comes from here.
export default defineConfig({
  ...browser,
  resolve: { ...browser.resolve, dedupe: ["react", "react-dom", "@testing-library/react"] },
  test: {
    testTimeout,
    name: "react oldest",
    include: ["version.test.tsx", "../../../packages/react/tests/**/*.test.{ts,tsx}"],
    // use() came with React 19, <Activity> with 19.2.
    exclude: ["../../../packages/react/tests/{hydration,activity}.test.tsx"],
    environment: "jsdom",
  },
});
