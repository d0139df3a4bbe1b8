import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { CloseOptions, Hub } from "@x/sse-server";

/**
 * A server with the hub at `/events`: streams, polls and changes of channels alike.
 *
 * @example
 * const server = createEventServer(hub).listen(3000);
 * process.on("SIGTERM", () => void shutDown(server, hub));
 */
export function createEventServer(hub: Pick<Hub, "node">): Server {
  return createServer((req, res) => {
    if (req.url?.split("?")[0] === "/events") hub.node(req, res);
    else res.writeHead(404).end("Not found\n");
  });
}

/** Lets nobody in any more, ends the streams one after another, and resolves when every connection is closed. */
export async function shutDown(
  server: Server,
  hub: Pick<Hub, "close">,
  options: CloseOptions = { spreadMs: 5_000 },
): Promise<void> {
  const closed = once(server, "close");
  server.close();
  await hub.close(options);
  await closed;
}
