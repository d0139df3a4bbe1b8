import { hasLeft, type NodeResponse } from "./node-sink.ts";

/** Node tells of a write to the socket only as a whole: with small ones a peer that is slow can be told from one that is gone. */
export const PIECE_BYTES = 65_536;

/** Cuts bytes into what is written at once. */
export function* piecesOf(bytes: Uint8Array): Generator<Uint8Array, void> {
  // What a broken body brings instead is the platform's to refuse.
  if (!ArrayBuffer.isView(bytes)) yield bytes;
  for (let start = 0; start < bytes.byteLength; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}

/** True when nothing more can be written. */
export function isOver(res: NodeResponse): boolean {
  return hasLeft(res) || res.writableEnded;
}

/** Also resolves when the client leaves: there is no drain then. */
export function untilDrained(res: NodeResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      res.removeListener("drain", settle);
      res.removeListener("close", settle);
      resolve();
    };
    res.on("drain", settle);
    res.on("close", settle);
    if (hasLeft(res)) settle();
  });
}
