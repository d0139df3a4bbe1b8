import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiParts, Handler } from "./api-parts.ts";
import { channelNames } from "./channels.ts";
import { createFaultRoutes } from "./fault-routes.ts";
import { RequestError, readJson, sendJson } from "./json.ts";
import { Nothing, Rate } from "./request-bodies.ts";

/** Answers everything below `/api/`. */
export function createApi({ live, faults, publisher, admission }: ApiParts) {
  const broken = createFaultRoutes({ live, faults, publisher, admission });
  const snapshots = channelNames.map((name): [string, Handler] => [
    `GET /api/snapshot/${name}`,
    () => {
      if (broken.failsSnapshots()) throw new RequestError(500, "Snapshots fail, as they were told to.");
      return live.picture(name);
    },
  ]);
  const routes: Readonly<Record<string, Handler>> = {
    ...broken.routes,
    ...Object.fromEntries(snapshots),
    "GET /api/stats": () => live.current.stats(),
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
  function serveHub(req: IncomingMessage, res: ServerResponse) {
    const refusal = admission.refusalOf(req);
    if (refusal) {
      for (const [name, value] of Object.entries(refusal.headers)) res.setHeader(name, value);
      return sendJson(res, refusal.status, { error: refusal.error });
    }
    if (wantsStream(req)) faults.watch(res);
    live.current.node(req, res);
  }

  return async (req: IncomingMessage, res: ServerResponse, url: URL): Promise<void> => {
    if (url.pathname === "/api/sse") return serveHub(req, res);
    try {
      sendJson(res, 200, await find(req.method ?? "", url.pathname)(req, url));
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
