import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createHub, type HubOptions } from "@x/sse-server";
import type { PageBundles } from "./page-bundles.ts";

/** A hub on a port of its own that also serves the pages which listen to it. */
export interface StreamServer {
  readonly origin: string;
  /** Ids of everything published on channel `tick`, oldest first. */
  readonly log: readonly string[];
  /** The `Last-Event-ID` of each stream so far; `undefined` for none. */
  readonly requests: readonly (string | undefined)[];
  /** Streams open now. */
  connections(): number;
  /** Publishes at once. */
  publish(count: number): void;
  /** Publishes evenly over a time; resolves when done. */
  publishOver(durationMs: number, count: number): Promise<void>;
  /** Publishes until the returned function is called. */
  publishEvery(ms: number): () => void;
  /** Breaks all streams. */
  drop(): void;
  /** Keeps all streams open but lets nothing out of them any more, as a network that has forgotten them does. */
  silence(): void;
  close(): Promise<void>;
}

/** Makes an event about as large as one of an application. */
const PAYLOAD = "x".repeat(1_000);

export async function startStreamServer(bundles: PageBundles, options: HubOptions = {}): Promise<StreamServer> {
  const hub = createHub({
    retryMs: [50, 150],
    history: { size: 20_000, bytes: 2 ** 26, ttlMs: null },
    replayMax: 20_000,
    ...options,
  });
  const log: string[] = [];
  const requests: (string | undefined)[] = [];
  const streams = new Set<ServerResponse>();
  const running = new Set<NodeJS.Timeout>();

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? "/", "http://server");
    const [, folder, name = ""] = pathname.split("/");
    const script = bundles.get(name);
    if (pathname === "/sse") {
      requests.push(request.headers["last-event-id"] as string | undefined);
      streams.add(response);
      response.once("close", () => streams.delete(response));
      hub.node(request, response);
    } else if (pathname === "/elsewhere") {
      send(response, "text/html", "<!doctype html><title>Elsewhere</title><link rel=icon href=data:>");
    } else if (folder === "pages" && script) {
      const html = `<!doctype html><title>${name}</title><link rel=icon href=data:><body></body>`;
      send(response, "text/html", `${html}<script type=module src=/scripts/${name}></script>`);
    } else if (folder === "scripts" && script) send(response, "text/javascript", script);
    else response.writeHead(404).end();
  };
  const publish = (count: number) => {
    for (let rest = count; rest > 0; rest--) {
      void hub.publish("tick", { n: log.length, payload: PAYLOAD });
      log.push(hub.head);
    }
  };
  const repeat = (run: () => void, ms: number) => {
    const timer = setInterval(run, ms);
    running.add(timer);
    return () => clearInterval(timer);
  };

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    log,
    requests,
    connections: () => streams.size,
    publish,
    publishOver(durationMs, count) {
      const beganAt = performance.now();
      const end = log.length + count;
      return new Promise((resolve) => {
        const stop = repeat(() => {
          const share = Math.min((performance.now() - beganAt) / durationMs, 1);
          publish(Math.round(share * count) - count + end - log.length);
          if (share < 1) return;
          stop();
          resolve();
        }, 5);
      });
    },
    publishEvery: (ms) => repeat(() => publish(1), ms),
    drop() {
      for (const { socket } of streams) socket?.destroy();
    },
    silence() {
      for (const response of streams) response.write = () => true;
    },
    async close() {
      for (const timer of running) clearInterval(timer);
      const stopped = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await stopped;
      await hub.close({ spreadMs: 0, timeoutMs: 0 });
    },
  };
}

function send(response: ServerResponse, type: string, body: string) {
  response.writeHead(200, { "content-type": `${type}; charset=utf-8` }).end(body);
}
