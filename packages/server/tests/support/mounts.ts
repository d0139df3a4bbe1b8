import { once } from "node:events";
import { Agent, createServer, type Server } from "node:http";
import type { Http2Server } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { createApp as createExpressApp } from "../../examples/express.ts";
import { createApp as createFastifyApp } from "../../examples/fastify.ts";
import { createApp as createHonoApp, serveApp } from "../../examples/hono.ts";
import { createRoute } from "../../examples/next-route.ts";
import { createEventServer, shutDown } from "../../examples/node-http.ts";
import { createEventServer as createHttp2EventServer } from "../../examples/node-http2.ts";
import type { Hub } from "../../src/index.ts";
import { callHttp1, callHttp2, type Send } from "./exchange.ts";
import { onCleanUp } from "./live-server.ts";

/** An example that listens on a free port. */
export interface Mount {
  readonly url: string;
  readonly send: Send;
  /** Connections open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** Ends it as the example says, and resolves when its server is closed. */
  stop(): Promise<void>;
}

const SPREAD = { spreadMs: 0 };

/** A server of Node, whatever the framework in front of it, and its end. */
interface Started {
  readonly server: Pick<Server | Http2Server, "on" | "close" | "listening" | "address">;
  stop(hub: Hub): Promise<unknown>;
}

/** Stops listening, then ends the streams. What keeps its idle connections does so for `keepAliveTimeout`. */
async function stopServer(server: Server, hub: Hub): Promise<void> {
  server.keepAliveTimeout = 50;
  await shutDown(server, hub, SPREAD);
}

const starts = {
  "node:http": (hub: Hub): Started => {
    const server = createEventServer(hub).listen(0);
    return { server, stop: () => shutDown(server, hub, SPREAD) };
  },
  "node:http2": (hub: Hub): Started => {
    const { server, shutDown } = createHttp2EventServer(hub);
    return { server: server.listen(0), stop: () => shutDown(SPREAD) };
  },
  Express: (hub: Hub): Started => {
    const server = createServer(createExpressApp(hub)).listen(0);
    return { server, stop: () => shutDown(server, hub, SPREAD) };
  },
  Fastify: async (hub: Hub): Promise<Started> => {
    const app = createFastifyApp(hub, SPREAD);
    await app.listen({ port: 0, host: "127.0.0.1" });
    return { server: app.server, stop: () => app.close() };
  },
  Hono: (hub: Hub): Started => {
    const server = serveApp(createHonoApp(hub), 0) as Server;
    return { server, stop: () => stopServer(server, hub) };
  },
  "a Next route": (hub: Hub): Started => {
    const route: Readonly<Record<string, (request: Request) => Promise<Response>>> = createRoute(hub);
    // Next looks up the path and the method, and answers what it does not find.
    const answer = async (request: Request) => {
      if (new URL(request.url).pathname !== "/events") return new Response("Not found\n", { status: 404 });
      return route[request.method]?.(request) ?? new Response(null, { status: 405 });
    };
    const server = serveApp({ fetch: answer }, 0) as Server;
    return { server, stop: () => stopServer(server, hub) };
  },
};

export type MountName = keyof typeof starts;
export const MOUNTS = Object.keys(starts) as MountName[];

export async function mount(name: MountName, hub: Hub): Promise<Mount> {
  const { server, stop } = await starts[name](hub);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.once("close", () => sockets.delete(socket))));
  if (!server.listening) await once(server as Server, "listening");
  onCleanUp(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await hub.close({ spreadMs: 0, timeoutMs: 0 });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
  // Like a browser, which keeps its connections.
  const agent = new Agent({ keepAlive: true });
  onCleanUp(() => agent.destroy());
  const send = name === "node:http2" ? callHttp2(url) : callHttp1(url, agent);
  return { url, send, sockets, stop: async () => void (await stop(hub)) };
}
