import type { IncomingMessage, ServerResponse } from "node:http";
import * as v from "valibot";
import type { Faults } from "./faults.ts";
import { RequestError, readJson, sendJson } from "./json.ts";
import type { LiveHub } from "./live-hub.ts";
import type { Publisher } from "./publisher.ts";

/** What the API operates. */
export interface ApiParts {
  readonly live: LiveHub;
  readonly faults: Faults;
  readonly publisher: Publisher;
}

type Handler = (req: IncomingMessage, url: URL) => unknown;

const count = (max: number) =>
  v.pipe(
    v.number("Pass a number."),
    v.integer("Pass an integer."),
    v.minValue(1, "Pass 1 or more."),
    v.maxValue(max, `Pass ${max} or less.`),
  );
const unknownField = "Unknown field, or the body is no object.";
const Nothing = v.strictObject({}, unknownField);
const Cut = v.strictObject(
  { afterBytes: count(1_000_000), next: v.optional(v.boolean("Pass true or false."), false) },
  unknownField,
);
const Rate = v.strictObject({ tickMs: v.nullable(count(60_000)) }, unknownField);

/** Answers everything below `/api/`. What handlers return is sent as JSON. */
export function createApi({ live, faults, publisher }: ApiParts) {
  const routes: Readonly<Record<string, Handler>> = {
    "GET /api/stats": () => live.current.stats(),
    "GET /api/log": (_req, url) => ({
      epoch: live.current.epoch,
      forgotten: live.forgotten,
      events: live.recorded(url.searchParams.get("channel") ?? undefined),
    }),
    "GET /api/faults": () => faults.counters,
    async "POST /api/faults/drop"(req) {
      await readJson(req, Nothing);
      return { streams: faults.drop() };
    },
    async "POST /api/faults/cut"(req) {
      const { afterBytes, next } = await readJson(req, Cut);
      if (!next) return { streams: faults.cut(afterBytes) };
      faults.cutNext(afterBytes);
      return { streams: 0 };
    },
    async "POST /api/hub/restart"(req) {
      await readJson(req, Nothing);
      faults.abandon();
      live.restart();
      publisher.publishAll();
      return { epoch: live.current.epoch };
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

  return async (req: IncomingMessage, res: ServerResponse, url: URL): Promise<void> => {
    if (url.pathname === "/api/sse") {
      faults.watch(res);
      return live.current.node(req, res);
    }
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
