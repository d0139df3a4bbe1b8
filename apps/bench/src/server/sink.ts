import { connect, type Socket } from "node:net";
import { MARK } from "./payload.ts";

/** A client that counts what it is sent and throws it away. */
export interface Sink {
  readonly socket: Socket;
  readonly bytes: number;
  readonly events: number;
}

const MARK_BYTE = MARK.charCodeAt(0);
/** One for all, as each piece has been counted before the next is read. */
const scratch = Buffer.alloc(65_536);

export function requestOf(path: string, headers: readonly string[] = []): string {
  return [`GET ${path} HTTP/1.1`, "Host: localhost", "Accept: text/event-stream", ...headers, "", ""].join("\r\n");
}

/** Opens a stream; resolves with its first bytes. */
export function openSink(port: number, path: string): Promise<Sink> {
  return new Promise((resolve, reject) => {
    const sink = { bytes: 0, events: 0 };
    const onBytes = (length: number) => {
      if (sink.bytes === 0) resolve(Object.assign(sink, { socket }));
      sink.bytes += length;
      const piece = scratch.subarray(0, length);
      for (let at = piece.indexOf(MARK_BYTE); at >= 0; at = piece.indexOf(MARK_BYTE, at + 1)) sink.events++;
      return true;
    };
    const onread = { buffer: scratch, callback: onBytes };
    const socket = connect({ host: "127.0.0.1", port, onread });
    socket.on("error", reject);
    socket.write(requestOf(path));
  });
}

/** Opens a stream and never reads of it, not even the headers; resolves once the request is on its way. */
export function openDeafSink(port: number, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.pause();
    socket.on("error", reject);
    socket.write(requestOf(path), () => resolve(socket));
  });
}
