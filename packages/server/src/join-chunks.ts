import { toNativeBytes } from "./native-bytes.ts";

/** Joins chunks into one; a single chunk is passed on as it is, none gives `undefined`. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array | undefined {
  if (chunks.length <= 1) return chunks[0];
  const joined = toNativeBytes(new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}
