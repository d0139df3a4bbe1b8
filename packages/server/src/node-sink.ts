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
    cork?(): unknown;
    uncork?(): unknown;
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
 * The sink of a Node response. A class, as there are tens of thousands; see docs/decisions/0012.
 *
 * The boolean `write` returns says when `drain` is to be listened for, and what is held by what compresses. Nothing else goes by
 * it: it turns false after one high-water mark of perfectly healthy traffic.
 * `req`'s `close` is not used either: it tells that the request body was read, not that the client left.
 */
class NodeSink implements Sink {
  private readonly res: NodeResponse;
  private readonly isHttp1: boolean;
  private listener: SinkEvents | undefined = undefined;
  private onClose: (() => void) | undefined = undefined;
  // These are made when they are needed, as each open stream would keep them.
  private onRoom: (() => void) | undefined = undefined;
  private closeSocket: (() => void) | undefined = undefined;
  // What compresses keeps what waits to itself; only what `write` returns and `drain` tell of it.
  private held = 0;

  constructor(res: NodeResponse, httpVersionMajor: number) {
    this.res = res;
    this.isHttp1 = httpVersionMajor === 1;
  }

  listen(listener: SinkEvents): void {
    this.listener = listener;
    this.onClose = () => listener.onClose();
    this.res.on("close", this.onClose);
    this.res.on("error", destroyResponse);
  }

  write(chunk: Uint8Array): void {
    const { res } = this;
    if (hasLeft(res) || res.writableEnded) throw new Error("The response is over.");
    const hasRoom = this.isHttp1 ? writeAtOnce(res, chunk) : res.write(chunk);
    if (!hasRoom) this.awaitRoom();
    if (res.flush) this.held = hasRoom ? 0 : this.held + chunk.byteLength;
  }

  buffered(): number {
    const { writableLength = 0 } = this.res;
    return Math.max(writableLength, this.held);
  }

  flush(): void {
    this.res.flush?.();
  }

  end(): void {
    const { res } = this;
    // HTTP/1 would keep the idle connection, and a server that is closing would wait for it.
    // Taken now, because Node has detached it from the response by the time that has finished.
    const socket = this.isHttp1 ? res.socket : undefined;
    this.closeSocket = () => socket?.destroySoon?.();
    res.on("finish", this.closeSocket);
    res.end();
  }

  destroy(): void {
    this.res.destroy();
  }

  release(): void {
    const { res, onClose, onRoom, closeSocket } = this;
    res.removeListener("error", destroyResponse);
    if (onClose) res.removeListener("close", onClose);
    if (onRoom) res.removeListener("drain", onRoom);
    if (closeSocket) res.removeListener("finish", closeSocket);
  }

  private awaitRoom(): void {
    if (this.onRoom) return;
    this.onRoom = () => {
      this.held = 0;
      this.listener?.onDrain();
    };
    this.res.on("drain", this.onRoom);
  }
}

/**
 * Has Node write the pieces of a chunk together and now. By itself it collects them until the end of the tick, and goes to
 * each of many sockets once more for that.
 */
function writeAtOnce(res: NodeResponse, chunk: Uint8Array): boolean {
  const { socket } = res;
  socket?.cork?.();
  try {
    return res.write(chunk);
  } finally {
    socket?.uncork?.();
  }
}

/** One listener for all responses. */
function destroyResponse(this: NodeResponse): void {
  this.destroy();
}

/** Opens a sink on a Node response. */
export function openNodeSink(res: NodeResponse, httpVersionMajor: number): Sink {
  return new NodeSink(res, httpVersionMajor);
}
