import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Hub } from "@x/sse-server";
import { generate } from "selfsigned";
import { createApp as createExpressApp } from "../../../../packages/server/examples/express.ts";
import { createApp as createFastifyApp } from "../../../../packages/server/examples/fastify.ts";
import { createApp as createHonoApp, serveApp } from "../../../../packages/server/examples/hono.ts";
import { createRoute } from "../../../../packages/server/examples/next-route.ts";
import { createEventServer } from "../../../../packages/server/examples/node-http.ts";
import { createEventServer as createHttp2EventServer } from "../../../../packages/server/examples/node-http2.ts";

/** An example of the server package that listens on a free port. */
export interface Mount {
  readonly url: string;
  /** Of HTTP, in the requests so far. */
  readonly versions: ReadonlySet<string>;
  /** Breaks all connections. */
  drop(): void;
  close(): Promise<void>;
}

const starts = {
  "node:http": (hub: Hub) => createEventServer(hub).listen(0),
  "node:http2": async (hub: Hub) => {
    const { private: key, cert } = await generate([{ name: "commonName", value: "127.0.0.1" }]);
    return createHttp2EventServer(hub, { key, cert }).server.listen(0);
  },
  Express: (hub: Hub) => createServer(createExpressApp(hub)).listen(0),
  Fastify: async (hub: Hub) => {
    const app = createFastifyApp(hub);
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  },
  Hono: (hub: Hub) => serveApp(createHonoApp(hub), 0),
  "a Next route": (hub: Hub) => serveApp({ fetch: createRoute(hub).GET }, 0),
};

export type MountName = keyof typeof starts;
export const MOUNTS = Object.keys(starts) as MountName[];

export async function startMount(name: MountName, hub: Hub): Promise<Mount> {
  const server = (await starts[name](hub)) as Server;
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket.once("close", () => sockets.delete(socket))));
  const versions = new Set<string>();
  server.on("request", ({ httpVersion }) => versions.add(httpVersion));
  if (!server.listening) await once(server, "listening");
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `${name === "node:http2" ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    versions,
    drop,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      drop();
      await closed;
      await hub.close({ spreadMs: 0, timeoutMs: 0 });
    },
  };
}
