import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline, Readable } from "node:stream";

const WRITE_BYTES = 65_536;

/** Serves the same event stream to whoever asks, as fast as it is read. */
export async function startStreamServer(body: Buffer): Promise<{ server: Server; url: string }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    // A client that leaves early is no failure of the server.
    pipeline(Readable.from(slices(body)), response, () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

function* slices(body: Buffer) {
  for (let start = 0; start < body.length; start += WRITE_BYTES) yield body.subarray(start, start + WRITE_BYTES);
}
