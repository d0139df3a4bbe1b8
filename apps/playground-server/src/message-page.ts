import type { ServerResponse } from "node:http";
import { PAGE_POLICY } from "./static-files.ts";

/** Sends a small page that says one thing. `html` is trusted: it must not hold anything from a request. */
export function sendMessagePage(res: ServerResponse, status: number, title: string, html: string): void {
  res.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": PAGE_POLICY,
  });
  res.end(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/brand/icon.svg">
<link rel="stylesheet" href="/playground.css">
</head>
<body>
<main class="message-page">
<h1>${title}</h1>
${html}
</main>
</body>
</html>
`);
}
