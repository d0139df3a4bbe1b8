import { once } from "node:events";
import { type Agent, createServer, request } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Hub, StreamOptions } from "../../src/index.ts";
import { parseStream } from "./fake-response.ts";
import { listen, onCleanUp, targets } from "./live-server.ts";

/** What a client sends. */
export interface Call {
  readonly method?: string;
  readonly query?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
}

/** What it gets. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Everything, once it has ended. Rejects when it breaks off. */
  readonly text: Promise<string>;
  /** What has arrived so far. */
  seen(): string;
  /** Reads nothing from now on. */
  pause(): void;
  parse(): ReturnType<typeof parseStream>;
}

/** A call under way. */
interface Exchange {
  /** Resolves with the headers. */
  readonly reply: Promise<Reply>;
  abort(): void;
}

/** Sends requests to one hub over real sockets. */
export type Send = (call?: Call) => Exchange;

export const PROTOCOLS = ["HTTP/1.1", "Fetch", "HTTP/2"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export function serveOver(protocol: Protocol, hub: Hub, options?: StreamOptions): Promise<Send> {
  if (protocol === "HTTP/2") return serveHttp2(hub, options);
  return serveHttp1(protocol === "Fetch" ? "fetch" : "node", hub, options);
}

const ACCEPT = { accept: "text/event-stream" };

async function serveHttp1(target: keyof typeof targets, hub: Hub, options?: StreamOptions): Promise<Send> {
  return callHttp1(await listen(createServer((req, res) => targets[target](hub, req, res, options))));
}

/** Sends requests to an address, each over a connection of its own unless an agent keeps them. */
export function callHttp1(url: string, agent: Agent | false = false): Send {
  return ({ method = "GET", query = "", headers = {}, body } = {}) => {
    const sent = request(url + query, { method, headers: { ...ACCEPT, ...headers }, agent });
    const reply = new Promise<Reply>((resolve, reject) => {
      sent.on("error", reject);
      sent.on("response", (response) =>
        resolve(collect(response.statusCode!, response.headers, response.setEncoding("utf8"))),
      );
    });
    reply.catch(() => {});
    sent.end(body);
    onCleanUp(() => sent.destroy());
    return { reply, abort: () => void sent.destroy() };
  };
}

async function serveHttp2(hub: Hub, options?: StreamOptions): Promise<Send> {
  const server = createHttp2Server((req, res) => hub.node(req, res, options));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
  onCleanUp(() => server.close());
  return callHttp2(url);
}

/** Sends requests to an address, all over one session. */
export function callHttp2(url: string): Send {
  const { origin, pathname } = new URL(url);
  const session = connectHttp2(origin);
  onCleanUp(() => session.destroy());
  return ({ method = "GET", query = "", headers = {}, body } = {}) => {
    const stream = session.request({ ":method": method, ":path": `${pathname}${query}`, ...ACCEPT, ...headers });
    const reply = new Promise<Reply>((resolve, reject) => {
      stream.on("error", reject);
      stream.on("response", (got) => resolve(collect(got[":status"]!, got, stream.setEncoding("utf8"))));
    });
    reply.catch(() => {});
    stream.end(body);
    return { reply, abort: () => stream.close(8) };
  };
}

function collect(status: number, headers: Reply["headers"], body: NodeJS.ReadableStream): Reply {
  let seen = "";
  const text = new Promise<string>((resolve, reject) => {
    body.on("data", (chunk: string) => {
      seen += chunk;
    });
    body.on("error", reject);
    body.on("end", () => resolve(seen));
  });
  text.catch(() => {});
  return { status, headers, text, seen: () => seen, pause: () => void body.pause(), parse: () => parseStream(seen) };
}
