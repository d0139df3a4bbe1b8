import type { AddressInfo, Socket } from "node:net";
import { createEnvironment, type Environment } from "../environment.ts";
import { checkFields, checkNumber, invalid } from "../option-checks.ts";
import { type ChaosPipe, type ChaosState, type Cut, createChaosPipe } from "./chaos-pipe.ts";
import type { Pace } from "./pace.ts";

/** Options of {@link createChaosProxy}. */
export interface ChaosProxyOptions {
  /** Where connections go. `host` has a default of `"127.0.0.1"`. */
  readonly target: { readonly port: number; readonly host?: string | undefined };
  /** Gives the timers of `slowDown`. @default the real clock's */
  readonly environment?: Pick<Environment, "setTimer"> | undefined;
}

/** A TCP link between clients and a server, and what can go wrong with it. What clients send always passes. */
export interface ChaosProxy {
  /** Origin to use in place of the server's, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Live connections. */
  readonly connections: number;
  /** Connections so far, refused ones included. */
  readonly accepted: number;
  /** Bytes passed on to the client of the newest connection that was not refused. */
  readonly bytesToClient: number;
  /**
   * Drops one connection exactly when it has passed on this many bytes to its client, counted from its start, HTTP heads
   * included. That is the newest live connection (at once if it has passed on as many already) or, if none is live, the next
   * one. With 0 it happens when the server first answers. Calling again replaces a cut not yet made; one whose connection
   * ends first is forgotten.
   */
  cutAfter(bytes: number): void;
  /**
   * Like {@link ChaosProxy.cutAfter}, but counts from the end of the connection's first HTTP response head. The framing of a
   * chunked body counts.
   */
  cutBodyAfter(bytes: number): void;
  /** Drops every connection now. */
  drop(): void;
  /** Does so with a reset, which clients see as an error and not as an end. */
  reset(): void;
  /** Passes nothing on to clients any more, to new ones neither, and closes nothing; nothing is lost. */
  stall(): void;
  /** Ends a stall. */
  resume(): void;
  /** Passes on `bytes` to each client, then nothing for `everyMs` milliseconds, and so on; `null` ends that. */
  slowDown(pace: Pace | null): void;
  /** While true, new connections are accepted and dropped at once. Live ones stay. */
  refuse(isRefusing: boolean): void;
  /** Drops every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Opens a proxy on a free port of 127.0.0.1. Needs `node:net`, which the rest of this entry does not.
 *
 * @throws {OptionError} when an option is unknown or unusable.
 *
 * @example
 * const proxy = await createChaosProxy({ target: { port: 3000 } });
 * proxy.cutBodyAfter(100);
 * const response = await fetch(`${proxy.url}/events`);
 * await response.text(); // rejects after 100 bytes of body
 */
export async function createChaosProxy(options: ChaosProxyOptions): Promise<ChaosProxy> {
  checkFields("", options, ["target", "environment"]);
  // More fields are fine, so that whatever has a port can be passed.
  const { port: targetPort, host = "127.0.0.1" }: ChaosProxyOptions["target"] = Object(options.target);
  if (checkNumber("target.port", targetPort, 1) > 65_535) throw invalid("target.port", "use a port.");
  const { setTimer } = options.environment ?? createEnvironment();
  // Here and not above, so that the entry can be loaded where there is none.
  const { connect, createServer } = await import("node:net");
  const state: ChaosState = { isStalled: false, pace: null };
  // In order of arrival.
  const live = new Set<ChaosPipe>();
  const sockets = new Set<Socket>();
  let newest: ChaosPipe | undefined;
  let nextCut: Cut | null = null;
  let accepted = 0;
  let isRefusing = false;

  const listener = createServer((client) => {
    accepted += 1;
    if (isRefusing) {
      client.on("error", () => {});
      client.destroy();
      return;
    }
    const server = connect(targetPort, host);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
    const pipe = createChaosPipe(client, server, state, setTimer);
    live.add(pipe);
    client.once("close", () => live.delete(pipe));
    newest = pipe;
    pipe.arm(nextCut);
    nextCut = null;
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(0, "127.0.0.1", resolve);
  });
  const { port } = listener.address() as AddressInfo;

  function arm(cut: Cut) {
    if (!Number.isInteger(cut.bytes) || cut.bytes < 0) throw new RangeError(`Cannot cut after ${cut.bytes} bytes.`);
    for (const pipe of live) pipe.arm(null);
    const current = [...live].at(-1);
    nextCut = current ? null : cut;
    current?.arm(cut);
  }

  function update(next: Partial<ChaosState>) {
    Object.assign(state, next);
    for (const pipe of live) pipe.update();
  }

  function drop() {
    for (const pipe of live) pipe.drop();
  }

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
    drop,
    reset() {
      for (const pipe of live) pipe.reset();
    },
    stall: () => update({ isStalled: true }),
    resume: () => update({ isStalled: false }),
    slowDown(pace) {
      if (pace) {
        checkNumber("bytes", pace.bytes, 1);
        checkNumber("everyMs", pace.everyMs, 0);
      }
      update({ pace });
    },
    refuse(value) {
      isRefusing = value;
    },
    async close() {
      const stopped = new Promise((resolve) => listener.close(resolve));
      const gone = [...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
      drop();
      await Promise.all([stopped, ...gone]);
    },
  };
}
