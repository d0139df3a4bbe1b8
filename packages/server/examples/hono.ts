import { type ServerType, serve } from "@hono/node-server";
import type { Hub } from "@x/sse-server";
import { Hono } from "hono";

/** A Hono application with the hub at `/events`, for whatever platform Hono runs on. */
export function createApp(hub: Pick<Hub, "fetch">): Hono {
  const app = new Hono();
  app.all("/events", (c) => hub.fetch(c.req.raw));
  return app;
}

/**
 * Serves it with Node.
 *
 * @example
 * const server = serveApp(createApp(hub), 3000);
 * process.on("SIGTERM", () => {
 *   server.close();
 *   void hub.close({ spreadMs: 5_000 });
 * });
 */
export function serveApp(app: Pick<Hono, "fetch">, port: number): ServerType {
  return serve({ fetch: app.fetch, port });
}
