import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { browser, testTimeout } from "../../../vitest.shared.ts";

// Before 3.5 Vue evaluates what is computed also to learn whether to render, where nobody handles what that throws: the error
// goes to the console instead of the component. To keep it from there costs the adapter more code than it may have.
const later = [
  "a selector that throws is an error of its component, and nobody else's",
  "an unusable URL is an error of the component that names it",
  "a URL that cannot be used is an error of who gives it, and the next one that can is used",
];

// The adapter's own tests with the oldest Vue that its peer range allows: whatever they import comes from here.
export default defineConfig({
  ...browser,
  plugins: [vue()],
  resolve: { ...browser.resolve, dedupe: ["vue", "@testing-library/vue"] },
  test: {
    testTimeout,
    name: "vue oldest",
    include: ["version.test.ts", "../../../packages/vue/tests/**/*.test.ts"],
    testNamePattern: new RegExp(`^(?!.*(${later.join("|")})$)`),
    environment: "jsdom",
  },
});
