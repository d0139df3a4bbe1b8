// Builds the project around for the page and for a server, and renders it there. It is silent unless something is amiss.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "vite";

const [entry] = process.argv.slice(2);
await build({ logLevel: "warn" });
await build({ logLevel: "warn", build: { ssr: entry, outDir: "dist-server" } });
const { render } = await import(pathToFileURL(join(process.cwd(), "dist-server/server.js")).href);
const html = await render();
assert.match(html, /<p>idle/);
assert.match(html, /<p>waiting<\/p>/);
