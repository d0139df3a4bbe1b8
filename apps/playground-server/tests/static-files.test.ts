import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createStaticFiles } from "../src/static-files.ts";

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Serves a folder beside a secret; the path goes out as it is, which `fetch` would tidy up first. */
async function serve() {
  const folder = await mkdtemp(join(tmpdir(), "static-"));
  await mkdir(join(folder, "site/assets"), { recursive: true });
  await mkdir(join(folder, "site-private"));
  await writeFile(join(folder, "secret.txt"), "secret");
  await writeFile(join(folder, "site-private/secret.txt"), "secret");
  await writeFile(join(folder, "site/index.html"), "<p>page</p>");
  await writeFile(join(folder, "site/assets/app-1a2b.js"), "app()");
  const files = createStaticFiles({ root: join(folder, "site"), fallback: "index.html", hashed: "assets/" });
  const server = createServer(async (req, res) => {
    if (!(await files(req, res, (req.url ?? "").slice(1)))) res.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  return (path: string, headers: Record<string, string> = {}, method = "GET") =>
    new Promise<Answer>((resolve, reject) => {
      request({ port, host: "127.0.0.1", path, method, headers }, async (res) => {
        let text = "";
        for await (const chunk of res) text += chunk;
        resolve({ status: res.statusCode, headers: res.headers, text });
      })
        .on("error", reject)
        .end();
    });
}

describe("static files", () => {
  test("come with their type, and hashed ones may be kept for good", async () => {
    const get = await serve();
    const page = await get("/");
    expect(page).toMatchObject({ status: 200, text: "<p>page</p>" });
    expect(page.headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" });
    const script = await get("/assets/app-1a2b.js");
    expect(script).toMatchObject({ status: 200, text: "app()" });
    expect(script.headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
    });
  });

  test("are not sent again to whoever has them", async () => {
    const get = await serve();
    const { headers } = await get("/");
    expect(await get("/", { "if-none-match": String(headers["etag"]) })).toMatchObject({ status: 304, text: "" });
    expect(await get("/", {}, "HEAD")).toMatchObject({ status: 200, text: "" });
  });

  test("pages of the application get the fallback, files that do not exist nothing", async () => {
    const get = await serve();
    expect(await get("/trading/prices")).toMatchObject({ status: 200, text: "<p>page</p>" });
    const fallback = await get("/assets/page");
    expect(fallback).toMatchObject({ status: 200, text: "<p>page</p>" });
    expect(fallback.headers["cache-control"]).toBe("no-cache");
    expect(await get("/assets")).toMatchObject({ status: 200, text: "<p>page</p>" });
    expect(await get("/assets/gone.js")).toMatchObject({ status: 404 });
  });

  test.each([
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/assets/../../secret.txt",
    "/assets/%2e%2e/%2e%2e/secret.txt",
    "/../site-private/secret.txt",
    "//etc/passwd",
    "/%2fetc%2fpasswd",
    "/index.html%00.txt",
    "/%ff",
    "/%",
  ])("nothing outside the folder is served for %s", async (path) => {
    const get = await serve();
    expect(await get(path)).toMatchObject({ status: 404, text: "" });
  });
});
