import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, resolve, sep } from "node:path";

/** Options of {@link createStaticFiles}. */
export interface StaticOptions {
  /** Folder whose files are served, and nothing outside it. */
  readonly root: string;
  /** File served for paths that look like pages of a single-page application. @default none */
  readonly fallback?: string;
  /** Paths below this prefix have a hash of the content in their name. @default none */
  readonly hashed?: string;
}

/** Serves `path` (relative, still percent-encoded); resolves to false when there is nothing to serve. */
export type StaticFiles = (req: IncomingMessage, res: ServerResponse, path: string) => Promise<boolean>;

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

export function createStaticFiles({ root, fallback, hashed }: StaticOptions): StaticFiles {
  const base = resolve(root);

  /** `undefined` for whatever is not inside the folder. */
  function locate(path: string): string | undefined {
    const name = decode(path);
    if (name === undefined || name.includes("\0")) return undefined;
    const file = resolve(base, name === "" || name.endsWith("/") ? `${name}index.html` : name);
    return file.startsWith(base + sep) ? file : undefined;
  }

  async function load(path: string) {
    const file = locate(path);
    const content = file && (await readIfFile(file));
    const isHashed = hashed !== undefined && path.startsWith(hashed);
    if (content) return { content, type: types[extname(file)] ?? "application/octet-stream", isHashed };
    if (!file || fallback === undefined || extname(file) !== "") return undefined;
    const page = await readIfFile(resolve(base, fallback));
    return page && { content: page, type: types[".html"] ?? "", isHashed: false };
  }

  return async (req, res, path) => {
    const found = await load(path);
    if (!found) return false;
    const { content, type, isHashed } = found;
    const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
    res.setHeader("etag", etag);
    res.setHeader("content-type", type);
    res.setHeader("x-content-type-options", "nosniff");
    res.setHeader("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    if (type.startsWith("text/html")) res.setHeader("content-security-policy", PAGE_POLICY);
    if (req.headers["if-none-match"] === etag) res.writeHead(304).end();
    else {
      res.setHeader("content-length", content.byteLength);
      res.writeHead(200).end(req.method === "HEAD" ? undefined : content);
    }
    return true;
  };
}

/** Everything comes from here; icons may be inlined by the bundler. */
export const PAGE_POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

async function readIfFile(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "EISDIR", "ENAMETOOLONG"].includes(code)) return undefined;
    throw error;
  }
}
