import type { Sink, SinkEvents } from "./sink.ts";

/** The part of `http.IncomingMessage` (and its HTTP/2 twin) a hub reads. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly httpVersionMajor?: number;
  readonly socket?: { readonly remoteAddress?: string | undefined } | null;
  /** What middleware has made of the body. */
  readonly body?: unknown;
  /** True once the body has been read, which middleware may have done. */
  readonly readableEnded?: boolean;
  on?(event: "data", listener: (chunk: Uint8Array | string) => void): unknown;
  on?(event: "end" | "error" | "close", listener: () => void): unknown;
  removeListener?(event: "data", listener: (chunk: Uint8Array | string) => void): unknown;
  removeListener?(event: "end" | "error" | "close", listener: () => void): unknown;
}

/** The part of `http.ServerResponse` (and its HTTP/2 twin) a hub uses. */
export interface NodeResponse {
  statusCode: number;
  readonly destroyed?: boolean;
  /** Only HTTP/2 has it, and has `destroyed` only there. */
  readonly stream?: { readonly destroyed?: boolean } | null;
  readonly writableEnded: boolean;
  readonly headersSent?: boolean;
  readonly writableLength?: number;
  readonly socket?: {
    destroySoon?(): unknown;
    on?(event: "close", listener: () => void): unknown;
    removeListener?(event: "close", listener: () => void): unknown;
  } | null;
  hasHeader(name: string): boolean;
  getHeader?(name: string): number | string | readonly string[] | undefined;
  setHeader(name: string, value: string | readonly string[]): unknown;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  end(text: string): unknown;
  destroy(): unknown;
  on(event: "close" | "drain" | "error" | "finish", listener: () => void): unknown;
  removeListener(event: "close" | "drain" | "error" | "finish", listener: () => void): unknown;
  /** Exists behind compressing middleware. */
  flush?(): void;
}

/** True once the client is gone, whatever the version of HTTP. */
export function hasLeft({ destroyed, stream }: NodeResponse): boolean {
  return destroyed === true || stream?.destroyed === true;
}

/**
 * Opens a sink on a Node response. Listeners are in place before it returns.
 *
 * The boolean `write` returns is not used but behind what compresses: it turns false after one high-water mark of perfectly
 * healthy traffic.
 * `req`'s `close` is not used either: it tells that the request body was read, not that the client left.
 */
export function openNodeSink(res: NodeResponse, httpVersionMajor: number, { onClose, onDrain }: SinkEvents): Sink {
  const onError = () => res.destroy();
  // Made when it is needed, as each open stream would keep it.
  let closeSocket: (() => void) | undefined;
  // What compresses keeps what waits to itself; only what `write` returns and `drain` tell of it.
  let held = 0;
  const onRoom = () => {
    held = 0;
    onDrain();
  };
  res.on("close", onClose);
  res.on("drain", onRoom);
  res.on("error", onError);

  return {
    write(chunk) {
      if (hasLeft(res) || res.writableEnded) throw new Error("The response is over.");
      const hasRoom = res.write(chunk);
      if (res.flush) held = hasRoom ? 0 : held + chunk.byteLength;
    },
    buffered: () => Math.max(res.writableLength ?? 0, held),
    flush() {
      res.flush?.();
    },
    end() {
      // HTTP/1 would keep the idle connection, and a server that is closing would wait for it.
      // Taken now, because Node has detached it from the response by the time that has finished.
      const socket = httpVersionMajor === 1 ? res.socket : undefined;
      closeSocket = () => socket?.destroySoon?.();
      res.on("finish", closeSocket);
      res.end();
    },
    destroy() {
      res.destroy();
    },
    release() {
      res.removeListener("close", onClose);
      res.removeListener("drain", onRoom);
      res.removeListener("error", onError);
      if (closeSocket) res.removeListener("finish", closeSocket);
    },
  };
}
