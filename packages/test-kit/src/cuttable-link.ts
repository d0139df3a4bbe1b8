import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type Cut, type CuttablePipe, createCuttablePipe } from "./cuttable-pipe.ts";

/** Options of {@link openCuttableLink}. */
export interface CuttableLinkOptions {
  /**
   * Where connections go.
   * `host` has a default of `"127.0.0.1"`.
   */
  target: { port: number; host?: string };
}

/** A TCP link between a client and a server that a test can cut, stall and close to newcomers. */
export interface CuttableLink {
  /** Origin to use in place of the server's, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Live connections. */
  readonly connections: number;
  /** Connections so far, refused ones included. */
  readonly accepted: number;
  /** Server→client bytes passed on by the newest connection that was not refused. */
  readonly bytesToClient: number;
  /**
   * Destroys one connection exactly when it has passed on this many server→client bytes, counted from its start, HTTP
   * heads included. That is the newest live connection (at once if it has passed on as many already) or, if none is
   * live, the next one. With 0 it happens when the server first answers. Calling again replaces a cut not yet made; one
   * whose connection ends first is forgotten.
   */
  cutAfter(bytes: number): void;
  /**
   * Like {@link CuttableLink.cutAfter}, but counts from the end of the connection's first HTTP response head. The
   * framing of a chunked body counts.
   */
  cutBodyAfter(bytes: number): void;
  /** Destroys every connection now. */
  cut(): void;
  /** Stops passing on server→client bytes, on new connections too; nothing is lost. */
  stall(): void;
  unstall(): void;
  /** While true, new connections are accepted and destroyed at once. Live ones stay. */
  refuse(refusing: boolean): void;
  /** Destroys every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Opens a link on a free port of 127.0.0.1.
 *
 * @example
 * const link = await openCuttableLink({ target: { port: server.port } });
 * link.cutBodyAfter(10);
 * const response = await fetch(`${link.url}/events`);
 * await response.text(); // rejects after 10 bytes of body
 */
export async function openCuttableLink({ target }: CuttableLinkOptions): Promise<CuttableLink> {
  const { port: targetPort, host = "127.0.0.1" } = target;
  // In order of arrival.
  const live = new Set<CuttablePipe>();
  const sockets = new Set<Socket>();
  let newest: CuttablePipe | null = null;
  let nextCut: Cut | null = null;
  let accepted = 0;
  let stalled = false;
  let refusing = false;

  const listener = createServer((client) => {
    accepted += 1;
    if (refusing) {
      client.on("error", () => {});
      client.destroy();
      return;
    }
    const server = connect(targetPort, host);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
    const pipe = createCuttablePipe(client, server, () => stalled);
    live.add(pipe);
    client.once("close", () => live.delete(pipe));
    newest = pipe;
    pipe.arm(nextCut);
    nextCut = null;
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;

  const arm = (cut: Cut): void => {
    if (!Number.isInteger(cut.bytes) || cut.bytes < 0) throw new RangeError(`cannot cut after ${cut.bytes} bytes`);
    for (const pipe of live) pipe.arm(null);
    const current = [...live].at(-1);
    nextCut = current ? null : cut;
    current?.arm(cut);
  };
  const destroyAll = (): void => {
    for (const pipe of live) pipe.destroy();
  };
  const setStalled = (value: boolean): void => {
    stalled = value;
    for (const pipe of live) pipe.updateStall();
  };

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get connections() {
      return live.size;
    },
    get accepted() {
      return accepted;
    },
    get bytesToClient() {
      return newest?.passed ?? 0;
    },
    cutAfter: (bytes) => arm({ from: "connection", bytes }),
    cutBodyAfter: (bytes) => arm({ from: "body", bytes }),
    cut: destroyAll,
    stall: () => setStalled(true),
    unstall: () => setStalled(false),
    refuse(value) {
      refusing = value;
    },
    async close() {
      const stopped = new Promise((resolve) => listener.close(resolve));
      const gone = [...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
      destroyAll();
      await Promise.all([stopped, ...gone]);
    },
  };
}
