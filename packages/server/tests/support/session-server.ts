import { once } from "node:events";
import { type ClientRequest, createServer, request } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { createFetchSession, createSession, type Session, type SessionOptions } from "../../src/index.ts";
import { parseStream } from "./fake-response.ts";
import { serveFetch } from "./fetch-bridge.ts";
import { listen, onCleanUp } from "./live-server.ts";

/** How a client reaches a session. */
export const PROTOCOLS = ["HTTP/1.1", "HTTP/2", "Fetch"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** A client of a session, over a real socket. It reads nothing after `pause`. */
export interface SessionClient {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly ended: boolean;
  text(): string;
  parse(): ReturnType<typeof parseStream>;
  pause(): void;
  resume(): void;
  leave(): void;
}

/** A server that answers every request with a session. */
export interface SessionServer {
  readonly sessions: Session[];
  open(headers?: Record<string, string>, method?: string, query?: string): Promise<SessionClient>;
}

export async function serveSessions(
  protocol: Protocol,
  options?: SessionOptions,
  onOpen: (session: Session) => void = () => {},
): Promise<SessionServer> {
  const sessions: Session[] = [];
  const opened = (session: Session) => {
    sessions.push(session);
    onOpen(session);
  };
  if (protocol === "HTTP/2") return { sessions, open: await overHttp2(options, opened) };
  const server = createServer((req, res) => {
    if (protocol === "HTTP/1.1") return opened(createSession(req, res, options));
    void serveFetch(req, res, async (fetched) => {
      const { session, response } = createFetchSession(fetched, options);
      opened(session);
      return response;
    });
  });
  const url = await listen(server);
  return {
    sessions,
    async open(headers = {}, method = "GET", query = "") {
      const sent: ClientRequest = request(url + query, { method, headers, agent: false });
      sent.on("error", () => {});
      onCleanUp(() => sent.destroy());
      sent.end();
      const [response] = await once(sent, "response");
      return read(response, response.statusCode, response.headers, () => sent.destroy());
    },
  };
}

async function overHttp2(options: SessionOptions | undefined, opened: (session: Session) => void) {
  const server = createHttp2Server((req, res) => opened(createSession(req, res, options)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const link = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onCleanUp(() => server.close());
  onCleanUp(() => link.destroy());
  return async (headers: Record<string, string> = {}, method = "GET", query = "") => {
    const stream = link.request({ ":method": method, ":path": `/events${query}`, ...headers });
    stream.on("error", () => {});
    stream.end();
    const [got] = await once(stream, "response");
    return read(stream, got[":status"], got, () => stream.close(8));
  };
}

function read(
  body: NodeJS.ReadableStream,
  status: number,
  headers: SessionClient["headers"],
  leave: () => void,
): SessionClient {
  let text = "";
  let ended = false;
  body.setEncoding("utf8");
  body.on("error", () => {});
  body.on("data", (chunk: string) => {
    text += chunk;
  });
  body.on("end", () => {
    ended = true;
  });
  return {
    status,
    headers,
    get ended() {
      return ended;
    },
    text: () => text,
    parse: () => parseStream(text),
    pause: () => void body.pause(),
    resume: () => void body.resume(),
    leave,
  };
}
