import { defineConfig } from "@playwright/test";
import { frontEnds } from "playground-server/front-ends";
import { launchOptions } from "../../scripts/browser.mjs";
import type { PlaygroundOptions } from "./browser/support/test.ts";

export default defineConfig<PlaygroundOptions>({
  testDir: "browser",
  outputDir: "test-results",
  reporter: "list",
  forbidOnly: !!process.env["CI"],
  retries: 0,
  // Each has a playground server of its own, whose faults and rate its tests set. As many as a small machine has cores: with
  // more, rates that are asked for are not reached.
  workers: 2,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  use: {
    browserName: "chromium",
    launchOptions: launchOptions(),
    viewport: { width: 1280, height: 900 },
    // It costs a fifth of the time, so whoever can run a test again does without. No pictures, as the pages change all the time.
    trace: process.env["CI"] ? { mode: "retain-on-failure", screenshots: false } : "off",
  },
  projects: [
    // Every front end runs the same sentences.
    ...frontEnds.map((frontEnd) => ({
      name: frontEnd,
      testIgnore: ["probe/**", "site/**"],
      use: { frontEnd },
    })),
    { name: "probe", testMatch: "probe/**" },
    { name: "site", testMatch: "site/**" },
  ],
});
