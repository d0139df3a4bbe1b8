import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Hub, StreamOptions } from "../../src/index.ts";
import { serveFetch } from "./fetch-bridge.ts";
import { openClient, type RawClient } from "./raw-client.ts";

export const targets = {
  node: (hub: Hub, req: IncomingMessage, res: ServerResponse, options?: StreamOptions) => hub.node(req, res, options),
  fetch: (hub: Hub, req: IncomingMessage, res: ServerResponse, options?: StreamOptions) =>
    void serveFetch(req, res, (fetched) => hub.fetch(fetched, options)),
};

export type Target = keyof typeof targets;

const cleanups: (() => unknown)[] = [];

/** Runs after the test, the last one first. */
export function onCleanUp(run: () => unknown): void {
  cleanups.push(run);
}

export async function cleanUp(): Promise<void> {
  for (const clean of cleanups.splice(0).reverse()) await clean();
}

export async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onCleanUp(() => server.closeAllConnections());
  onCleanUp(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
}

/** An answer in JSON. */
interface JsonReply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly json: Record<string, unknown>;
}

/** A request whose answer is JSON. */
export interface JsonCall {
  /** Rejects when the connection breaks. */
  readonly reply: Promise<JsonReply>;
  /** Sends more of the body. */
  send(chunk: string): void;
  abort(): void;
}

/** A hub behind a socket, and ways to reach it. */
export interface LiveHub {
  readonly server: Server;
  readonly url: string;
  readonly responses: ServerResponse[];
  open(query?: string, lastEventId?: string): Promise<RawClient>;
  poll(query?: string, lastEventId?: string): JsonCall;
  /** Sends a change of channels; text is sent as it is, and `undefined` leaves the body open. */
  change(body: unknown, headers?: Record<string, string>): JsonCall;
}

export async function serveHub(target: Target, hub: Hub, options?: StreamOptions): Promise<LiveHub> {
  const responses: ServerResponse[] = [];
  const server = createServer((req, res) => {
    responses.push(res);
    targets[target](hub, req, res, options);
  });
  const url = await listen(server);
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  onCleanUp(() => agent.destroy());

  function call(method: string, query: string, headers: Record<string, string>, body?: string): JsonCall {
    const sent = request(url + query, { method, agent, headers: { accept: "application/json", ...headers } });
    const reply = new Promise<JsonReply>((resolve, reject) => {
      sent.on("error", reject);
      sent.on("response", async (response) => {
        try {
          let text = "";
          for await (const chunk of response.setEncoding("utf8")) text += chunk;
          resolve({ status: response.statusCode!, headers: response.headers, json: JSON.parse(text) });
        } catch (error) {
          reject(error);
        }
      });
    });
    // Aborted calls are not awaited by everybody.
    reply.catch(() => {});
    if (body === undefined && method === "POST") sent.flushHeaders();
    else sent.end(body);
    return { reply, send: (chunk) => void sent.write(chunk), abort: () => void sent.destroy() };
  }

  return {
    server,
    url,
    responses,
    async open(query = "", lastEventId) {
      const client = await openClient(url + query, lastEventId);
      onCleanUp(client.destroy);
      return client;
    },
    poll: (query = "", lastEventId) => call("GET", query, lastEventId ? { "last-event-id": lastEventId } : {}),
    change(body, headers = {}) {
      const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
      return call("POST", "", headers, text);
    },
  };
}

/** Name of a stream's connection. */
export function connOf(client: RawClient): string {
  return (client.parse().events[0]!.json as { conn: string }).conn;
}
