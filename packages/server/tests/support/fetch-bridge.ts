import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";

/** Serves a Fetch handler from `node:http` the way adapters do: aborts, backpressure, no buffering of its own. */
export async function serveFetch(
  req: IncomingMessage,
  res: ServerResponse,
  handle: (request: Request) => Promise<Response>,
): Promise<void> {
  const left = new AbortController();
  res.on("close", () => left.abort());
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) headers.set(name, String(value));
  const request = new Request(`http://localhost${req.url}`, {
    method: req.method ?? "GET",
    headers,
    signal: left.signal,
    ...(req.method === "POST" ? { body: Readable.toWeb(req) as ReadableStream<Uint8Array>, duplex: "half" } : {}),
  });
  const response = await handle(request);
  res.writeHead(response.status, Object.fromEntries(response.headers));
  try {
    for await (const chunk of response.body ?? []) {
      if (!res.write(chunk)) await once(res, "drain", { signal: left.signal });
    }
    res.end();
  } catch {
    res.destroy();
  }
}
