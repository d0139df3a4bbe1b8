import { once } from "node:events";
import * as http2 from "node:http2";
import type { CloseOptions, Hub } from "@x/sse-server";

/** A server and its end. */
export interface EventServer {
  readonly server: http2.Http2Server | http2.Http2SecureServer;
  /** Lets nobody in any more, ends the streams one after another, and resolves when every connection is closed. */
  shutDown(options?: CloseOptions): Promise<void>;
}

/**
 * A server with the hub at `/events`. Browsers speak HTTP/2 over TLS only; leave `tls` out behind a proxy that takes care of it.
 *
 * @example
 * const { server, shutDown } = createEventServer(hub, { key, cert });
 * server.listen(443);
 * process.on("SIGTERM", () => void shutDown());
 */
export function createEventServer(hub: Pick<Hub, "node" | "close">, tls?: http2.SecureServerOptions): EventServer {
  const answer = (req: http2.Http2ServerRequest, res: http2.Http2ServerResponse) => {
    if (req.url.split("?")[0] === "/events") hub.node(req, res);
    else res.writeHead(404).end("Not found\n");
  };
  const server = tls ? http2.createSecureServer({ allowHTTP1: true, ...tls }, answer) : http2.createServer(answer);
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => sessions.add(session.once("close", () => sessions.delete(session))));
  return {
    server,
    async shutDown(options = { spreadMs: 5_000 }) {
      const closed = once(server, "close");
      server.close();
      await hub.close(options);
      // Older versions of Node wait for sessions, which outlive their streams.
      for (const session of sessions) session.close();
      await closed;
    },
  };
}
