// What `npm test` runs once everything is installed. Ends with one line that sums up every test runner.
import { spawn, spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { ensureChromium } from "./browser.mjs";
import { ensureProgram } from "./lib.mjs";

const tasks = ["build", "typecheck", "test", "check:package", "check:size", "check:consumer", "test:e2e"];
const total = { passed: 0, failed: 0 };

/** Adds what a runner's closing line says: Vitest's "Tests  1 failed | 2 passed (3)", Playwright's "2 passed (1.0s)". */
function count(line) {
  const text = stripVTControlCharacters(line).replace(/^\S+:\S+:\s/, "");
  if (!/^\s*Tests\s+\d/.test(text) && !/^\s*\d+ (passed|failed)\b/.test(text)) return;
  for (const [, number, outcome] of text.matchAll(/(\d+) (passed|failed)\b/g)) total[outcome] += Number(number);
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "inherit"],
      shell: process.platform === "win32",
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
    });
    let rest = "";
    child.stdout.on("data", (data) => {
      process.stdout.write(data);
      const lines = (rest + data).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) count(line);
    });
    child.on("close", (status) => {
      count(rest);
      resolve(status ?? 1);
    });
  });
}

try {
  ensureChromium();
  // A peer of the server's tests.
  ensureProgram("curl");
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const lint = spawnSync("pnpm", ["run", "lint"], { stdio: "inherit", shell: process.platform === "win32" }).status;
const status = lint || (await run("turbo", ["run", ...tasks, "--concurrency=2"]));
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = status;
