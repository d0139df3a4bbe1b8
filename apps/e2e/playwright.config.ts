import { defineConfig } from "@playwright/test";
import { launchOptions } from "../../scripts/browser.mjs";
import { findFreePort } from "./browser/support/free-port.ts";
import { TICK_MS } from "./browser/support/playground-server.ts";

/** Every front end runs the same sentences. */
const frameworks = ["react"];

// Found once: the workers read this file again and inherit the environment.
process.env["E2E_PORT"] ??= `${await findFreePort()}`;
const port = process.env["E2E_PORT"];
const origin = `http://127.0.0.1:${port}`;

export default defineConfig({
  testDir: "browser",
  outputDir: "test-results",
  reporter: "list",
  forbidOnly: !!process.env["CI"],
  retries: 0,
  // One server, whose faults and rate the tests set.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    browserName: "chromium",
    launchOptions: launchOptions(),
    viewport: { width: 1280, height: 900 },
    trace: "retain-on-failure",
  },
  projects: frameworks.map((name) => ({ name, use: { baseURL: `${origin}/${name}/` } })),
  webServer: {
    command: `"${process.execPath}" src/main.ts`,
    cwd: "../playground-server",
    env: { PORT: port, TICK_MS: `${TICK_MS}`, RETRY_MS: "50,150", HISTORY: "20000" },
    url: origin,
    reuseExistingServer: false,
    gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
  },
});
