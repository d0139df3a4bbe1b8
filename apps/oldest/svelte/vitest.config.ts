import { join } from "node:path";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";
import { browser, node, testTimeout } from "../../../vitest.shared.ts";
import { compileSvelte } from "./compile-svelte.ts";

// What the Svelte of then does otherwise, whoever's code it is.
const otherThen = [
  // It never ends a `createSubscriber` that a `$derived` outside of components has read.
  "an effect that reads after others have left continues with what is known by then",
  "a module with runes hands derived values on",
  // It adds to the message of an error, and does not bring that of a store to the boundary.
  "an unusable URL is an error of the component that names it",
  "a selector that throws is an error of its component, and nobody else's",
];

// The adapter's own tests with the oldest Svelte that its peer range allows: whatever they import comes from here.
export default defineConfig({
  ...browser,
  ...(node.ssr && { ssr: node.ssr }),
  plugins: [compileSvelte, svelteTesting()],
  resolve: {
    ...browser.resolve,
    alias: [{ find: /.*\/render-on-server\.[jt]s$/, replacement: join(import.meta.dirname, "render-on-server.ts") }],
    dedupe: ["svelte", "@testing-library/svelte"],
  },
  test: {
    testTimeout,
    name: "svelte oldest",
    include: ["version.test.ts", "../../../packages/svelte/tests/**/*.test.ts"],
    testNamePattern: new RegExp(`^(?!.*(${otherThen.join("|")})$)`),
    environment: "jsdom",
    // Components are compiled for a server by another Vite.
  },
});
