import type { Hub } from "@x/sse-server";
import compression from "compression";
import express, { type Express } from "express";

/**
 * An Express application with the hub at `/events`. It works behind `compression`, which leaves streams alone as they say
 * `no-transform`, and behind `express.json`, whose `req.body` the hub takes.
 *
 * @example
 * const server = createApp(hub).listen(3000);
 * process.on("SIGTERM", () => {
 *   server.close();
 *   void hub.close({ spreadMs: 5_000 });
 * });
 */
export function createApp(hub: Pick<Hub, "node">): Express {
  const app = express();
  app.use(compression(), express.json());
  // Every method: the hub answers polls, changes of channels and preflights too, and refuses the others.
  app.all("/events", (req, res) => hub.node(req, res));
  return app;
}
