import { blockVectors } from "./decoding/block-vectors.ts";
import type { DecodingVector } from "./decoding/decoding-vector.ts";
import { encodingVectors } from "./decoding/encoding-vectors.ts";
import { fieldVectors } from "./decoding/field-vectors.ts";
import { idVectors } from "./decoding/id-vectors.ts";
import { lineVectors } from "./decoding/line-vectors.ts";
import { retryVectors } from "./decoding/retry-vectors.ts";

export type { DecodedEvent, DecodingVector } from "./decoding/decoding-vector.ts";

/**
 * Streams and what they must decode to, derived from the HTML standard.
 *
 * @example
 * test.each(decodingVectors)("$name", ({ bytes, events, cursor }) => {
 *   expect(decode([bytes])).toEqual({ events, cursor });
 * });
 */
export const decodingVectors: readonly DecodingVector[] = [
  ...encodingVectors,
  ...lineVectors,
  ...fieldVectors,
  ...idVectors,
  ...retryVectors,
  ...blockVectors,
];

/**
 * Cuts a stream in two at every place, before the first and after the last byte included, so that a chunk may be empty.
 * The work grows with the square of the length: leave out streams of many kilobytes.
 */
export function* cutAtEveryByte(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>[]> {
  for (let at = 0; at <= bytes.length; at += 1) {
    // Copies, because a byte stream takes away the buffer of a chunk given to it.
    yield [new Uint8Array(bytes.subarray(0, at)), new Uint8Array(bytes.subarray(at))];
  }
}

/** A stream as chunks of one byte. */
export function oneByteAtATime(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}
