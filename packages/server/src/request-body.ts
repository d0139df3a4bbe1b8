import { badRequest, type JsonAnswer } from "./json-answer.ts";

/** Largest body of a request in bytes: names and ids of a thousand channels. */
const MAX_BODY_BYTES = 65_536;

/**
 * Longest a body may take to arrive, and the rest of one that has been answered already: a client that is cut off while it sends
 * does not get to see the answer. The platform cannot be relied on: Node no longer looks at its own limit once its server
 * is closing, which then waits for ever, and has none for HTTP/2.
 */
export const MAX_BODY_MS = 10_000;

/** The answer to a body that takes longer. */
export const TOO_SLOW: JsonAnswer = Object.freeze({
  status: 408,
  body: { error: "too-slow", message: `The body was not complete after ${MAX_BODY_MS / 1_000} seconds.` },
});

/** The answer to a body that is larger. */
export const TOO_LARGE: JsonAnswer = Object.freeze({
  status: 413,
  body: { error: "too-large", message: `The body has more than ${MAX_BODY_BYTES} bytes.` },
});

/** The answer to a body that broke off, or that somebody else has read. */
export const UNREADABLE: JsonAnswer = badRequest("The body cannot be read.");

/** True for a `Content-Length` that is more than a body may have. */
export function isTooLong(contentLength: string | null): boolean {
  return Number(contentLength) > MAX_BODY_BYTES;
}

/** Puts a body together from its chunks. */
export interface BodyBuffer {
  /** Returns false once there is more than a body may have; nothing is kept then. */
  add(chunk: Uint8Array): boolean;
  /** The text so far. */
  text(): string;
}

/** Creates an empty buffer. */
export function createBodyBuffer(): BodyBuffer {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  return {
    add(chunk) {
      bytes += chunk.byteLength;
      text = bytes > MAX_BODY_BYTES ? "" : text + decoder.decode(chunk, { stream: true });
      return bytes <= MAX_BODY_BYTES;
    },
    text: () => text + decoder.decode(),
  };
}
