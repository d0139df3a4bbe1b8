// Holds the SPEC.md files to their tests: a statement names test files, each of them cites its number ("// SPEC 7, 10–12"),
// and no test cites a statement that is not there.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const faults = [];

/** Numbers of the statements that a test file cites. */
function citationsOf(path) {
  const numbers = new Set();
  for (const [, list] of readFileSync(path, "utf8").matchAll(/\/\/ SPEC ([\d, –-]+)/g))
    for (const part of list.split(",")) {
      const [first, last = first] = part.split(/[–-]/).map(Number);
      for (let number = first; number && number <= last; number++) numbers.add(number);
    }
  return numbers;
}

/** The files a statement names: of its own package's tests, or from the root; `*` stands for any name. */
function filesOf(name, folder) {
  const path = name.startsWith("apps/") ? name : `packages/${folder}/tests/${name}`;
  if (!path.includes("*")) return [path];
  const parent = path.slice(0, path.lastIndexOf("/"));
  return readdirSync(join(root, parent)).map((file) => `${parent}/${file}`);
}

for (const folder of process.argv.slice(2)) {
  const statements = new Map();
  const text = readFileSync(join(root, `packages/${folder}/SPEC.md`), "utf8");
  for (const part of text.split(/^(?=\d+\. )/m).slice(1)) {
    // A heading or a paragraph may follow.
    const [statement] = part.split("\n\n");
    const number = Number.parseInt(statement, 10);
    if (statements.has(number)) faults.push(`${folder}: statement ${number} is there twice.`);
    const source = statement.slice(statement.lastIndexOf("—"));
    const names = [...source.matchAll(/[\w*./-]+\.test(-d)?\.tsx?|testing\/\*\.test\.ts/g)].map(([name]) => name);
    if (names.length === 0) faults.push(`${folder}: statement ${number} names no test.`);
    statements.set(number, names);
    for (const name of names) {
      const files = filesOf(name, folder).filter((file) => existsSync(join(root, file)));
      if (!files.some((file) => citationsOf(join(root, file)).has(number)))
        faults.push(`${folder}: statement ${number} names ${name}, which does not cite it or does not exist.`);
    }
  }
  const tests = readdirSync(join(root, `packages/${folder}/tests`), { recursive: true });
  for (const test of tests.filter((file) => /\.test(-d)?\.tsx?$/.test(file)))
    for (const number of citationsOf(join(root, `packages/${folder}/tests/${test}`)))
      if (!statements.has(number)) faults.push(`${folder}: ${test} cites statement ${number}, which is not there.`);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
