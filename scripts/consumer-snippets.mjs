// The code blocks of the documentation, as files that a user could have.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const fence = /^```(tsx?|vue|svelte)\n(.*?)^```$/gms;

/** Pages of the documentation, relative to the root. */
function pagesOf(root) {
  return [
    "README.md",
    ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
    ...readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`),
  ].filter((page) => page.endsWith(".md") && existsSync(join(root, page)));
}

/** Writes every block in one of the languages into a file of the folder; returns how many there are. */
export function copySnippets(root, folder, languages) {
  let copied = 0;
  for (const page of pagesOf(root)) {
    const text = readFileSync(join(root, page), "utf8");
    for (const [index, [, language, code]] of [...text.matchAll(fence)].entries()) {
      if (!languages.includes(language)) continue;
      const isModule = language.startsWith("ts");
      const name = `${page.replace(/\W/g, "-")}-${index + 1}.${language}`;
      writeFileSync(join(folder, name), isModule ? `${code}export {};\n` : code);
      copied++;
    }
  }
  return copied;
}
