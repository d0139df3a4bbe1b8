// Holds the adapters to what keeps them thin: few lines, no timer, no question whether there is a page. The core does these.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../packages", import.meta.url));
const limit = 150;
const forbidden =
  /\b(setTimeout|setInterval|setImmediate|requestAnimationFrame|requestIdleCallback)\b|\btypeof (window|document)\b/g;
const comments = /\/\*.*?\*\/|<!--.*?-->|^\s*\/\/[^\n]*/gms;

/** Lines that are neither blank nor only comment. */
const linesOf = (code) => code.split("\n").filter((line) => line.trim()).length;

for (const name of process.argv.slice(2)) {
  const folder = join(packages, name, "src");
  let lines = 0;
  for (const file of readdirSync(folder, { recursive: true }).filter((path) => /\.\w+$/.test(path))) {
    const code = readFileSync(join(folder, file), "utf8").replace(comments, "");
    // Components come on top.
    if (!file.startsWith("sse-provider.")) lines += linesOf(code);
    for (const [word] of code.matchAll(forbidden)) {
      console.error(`packages/${name}/src/${file} says ${word}, which is the core's to say.`);
      process.exitCode = 1;
    }
  }
  if (lines <= limit) continue;
  console.error(
    `packages/${name}/src has ${lines} lines of code, more than ${limit}. What can the core do for all adapters?`,
  );
  process.exitCode = 1;
}
