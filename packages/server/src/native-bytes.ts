interface Platform {
  readonly Buffer?: { from(memory: ArrayBufferLike, offset: number, length: number): Uint8Array };
}

/**
 * Views the same memory as what the platform writes to its sockets as it is. Node has a `Buffer` for that, and makes one of
 * any other array at every write: once per stream instead of once per event.
 */
export function toNativeBytes(bytes: Uint8Array): Uint8Array {
  const { Buffer } = globalThis as Platform;
  return Buffer ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes;
}
