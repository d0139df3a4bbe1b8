import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiParts, Handler } from "./api-parts.ts";
import { marketChannels } from "./channels.ts";
import { createFaultRoutes } from "./fault-routes.ts";
import { guestOf } from "./guests.ts";
import { createJobRoutes } from "./job-routes.ts";
import { RequestError, readJson, sendJson } from "./json.ts";
import { Nothing, Rate } from "./request-bodies.ts";
import { createSnapshotRoutes } from "./snapshot-routes.ts";

/** Answers everything below `/api/`. */
export function createApi(parts: ApiParts) {
  const { live, faults, publisher, admission } = parts;
  const broken = createFaultRoutes(parts);
  const routes: Readonly<Record<string, Handler>> = {
    ...broken.routes,
    ...createSnapshotRoutes(parts, broken.failsSnapshots),
    ...createJobRoutes(parts),
    "GET /api/stats": () => live.current.stats(),
    "GET /api/metrics": (_req, _url, res) =>
      void res
        .writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" })
        .end(live.current.metrics()),
    "GET /api/log": (_req, url) => ({
      epoch: live.current.epoch,
      forgotten: live.forgotten,
      events: live.recorded(url.searchParams.get("channel") ?? undefined),
    }),
    async "POST /api/token"(req) {
      await readJson(req, Nothing);
      return { token: admission.issueToken() };
    },
    "GET /api/rate": () => ({ tickMs: publisher.tickMs }),
    async "POST /api/rate"(req) {
      const { tickMs } = await readJson(req, Rate);
      publisher.setTick(tickMs);
      return { tickMs };
    },
  };

  function find(method: string, path: string): Handler {
    const handler = routes[`${method} ${path}`];
    if (handler) return handler;
    const allow = Object.keys(routes).flatMap((route) => {
      const [other = "", at] = route.split(" ");
      return at === path ? [other] : [];
    });
    if (allow.length === 0) throw new RequestError(404, `There is no ${path}.`);
    throw new RequestError(405, `Use ${allow.join(" or ")}.`, { allow });
  }

  /** Streams, polls and changes of a stream's channels: the hub tells them apart. */
  function serveHub(req: IncomingMessage, res: ServerResponse, url: URL) {
    const user = guestOf(url);
    const refusal = admission.refusalOf(req);
    if (refusal) {
      for (const [name, value] of Object.entries(refusal.headers)) res.setHeader(name, value);
      return sendJson(res, refusal.status, { error: refusal.error });
    }
    if (wantsStream(req)) faults.watch(res);
    // Figures and tasks are for those who ask for them.
    const isUnspecific = req.method === "GET" && !url.searchParams.has("channels");
    live.current.node(req, res, { user, ...(isUnspecific && { channels: marketChannels }) });
  }

  return async (req: IncomingMessage, res: ServerResponse, url: URL): Promise<void> => {
    try {
      if (url.pathname === "/api/sse") return serveHub(req, res, url);
      const answer = await find(req.method ?? "", url.pathname)(req, url, res);
      if (!res.writableEnded) sendJson(res, 200, answer);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.allow.length > 0) res.setHeader("allow", error.allow.join(", "));
      // What is left of the body is not read.
      if (error.status === 413) res.setHeader("connection", "close");
      sendJson(res, error.status, { error: error.message, field: error.field });
    }
  };
}

/** Only what comes in pieces over time can be broken in the middle. */
function wantsStream({ method, headers: { accept = "" } }: IncomingMessage): boolean {
  return accept.includes("text/event-stream") || (method === "GET" && !accept.includes("application/json"));
}
