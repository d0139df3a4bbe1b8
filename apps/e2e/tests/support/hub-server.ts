import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createRecorder, type Recorder } from "test-kit/until";

/** An HTTP server on a free port of 127.0.0.1 whose every request goes to one handler. */
export interface HubServer {
  /** Origin, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** The number of open connections after each change, oldest first. */
  readonly sockets: Recorder<number>;
  /** Answers from now on. */
  handle(handler: (request: IncomingMessage, response: ServerResponse) => void): void;
  /** Destroys every connection and stops. */
  close(): Promise<void>;
}

/** Starts the server. */
export async function startHubServer(): Promise<HubServer> {
  let answer = (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(404).end();
  const open = new Set<Socket>();
  const sockets = createRecorder<number>();
  const server = createServer((request, response) => answer(request, response));
  server.on("connection", (socket) => {
    open.add(socket);
    sockets.add(open.size);
    socket.once("close", () => {
      open.delete(socket);
      sockets.add(open.size);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sockets,
    handle(handler) {
      answer = handler;
    },
    async close() {
      const stopped = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await stopped;
    },
  };
}
