import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { createAdmission } from "./admission.ts";
import { createApi } from "./api.ts";
import type { Config } from "./config.ts";
import { createFaults } from "./faults.ts";
import { frontEnds } from "./front-ends.ts";
import { createJobs } from "./jobs.ts";
import { sendJson } from "./json.ts";
import { createLiveHub } from "./live-hub.ts";
import { sendMessagePage } from "./message-page.ts";
import { createPublisher } from "./publisher.ts";
import { createStaticFiles } from "./static-files.ts";

/** The whole playground server, not listening yet. */
export interface App {
  readonly server: Server;
  /** Ends streams gracefully and stops; resolves when nothing is left. */
  close(): Promise<void>;
}

/** @param apps - the folder of the front ends */
export function createApp(config: Config, apps = new URL("../../", import.meta.url)): App {
  const live = createLiveHub(config);
  const faults = createFaults();
  const publisher = createPublisher(live, config);
  const jobs = createJobs(live, config);
  const api = createApi({ live, faults, publisher, admission: createAdmission(), jobs });
  const own = createStaticFiles({ root: fileURLToPath(new URL("../public", import.meta.url)) });
  const built = new Map(
    frontEnds.map((name) => {
      const root = fileURLToPath(new URL(`playground-${name}/dist`, apps));
      return [name as string, createStaticFiles({ root, fallback: "index.html", hashed: "assets/" })];
    }),
  );

  async function servePage(req: IncomingMessage, res: ServerResponse, { pathname, search }: URL) {
    if (req.method !== "GET" && req.method !== "HEAD") {
      res.setHeader("allow", "GET, HEAD");
      return sendMessagePage(res, 405, "Only GET works here", "<p>Pages can only be read.</p>");
    }
    const [, name = "", rest] = /^\/([^/]+)(?:\/(.*))?$/.exec(pathname) ?? [];
    const files = built.get(name);
    if (files && rest === undefined) return res.writeHead(308, { location: `/${name}/${search}` }).end();
    if (files && (await files(req, res, rest ?? ""))) return;
    if (files && rest === "") {
      const how = `<p>Run <code>pnpm build</code> in the repository, then load this page again.</p>`;
      return sendMessagePage(res, 503, `The ${name} playground is not built yet`, how);
    }
    // Asked for by whoever looks at an answer that is no page, as the figures are.
    if (pathname === "/favicon.ico") return res.writeHead(308, { location: "/brand/icon.svg" }).end();
    if (await own(req, res, pathname.slice(1))) return;
    sendMessagePage(res, 404, "Nothing here", '<p><a href="/">All playgrounds</a></p>');
  }

  async function handle(req: IncomingMessage, res: ServerResponse) {
    try {
      const url = URL.parse(req.url ?? "", "http://playground");
      if (!url) return sendMessagePage(res, 400, "That is no address", '<p><a href="/">All playgrounds</a></p>');
      await (url.pathname.startsWith("/api/") ? api(req, res, url) : servePage(req, res, url));
    } catch (error) {
      console.error(error);
      if (res.headersSent) res.destroy();
      else sendJson(res, 500, { error: "The server failed. Its terminal says why." });
    }
  }

  const server = createServer((req, res) => void handle(req, res));
  publisher.publishAll();
  publisher.setTick(config.tickMs);

  return {
    server,
    async close() {
      publisher.setTick(null);
      jobs.interrupt();
      const stopped = new Promise((done) => server.close(done));
      await live.close();
      server.closeAllConnections();
      await stopped;
    },
  };
}
