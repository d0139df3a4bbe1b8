import type { SSEError } from "../errors.ts";

/** One attempt to have a stream: what a connection gives to whoever makes it. */
export interface Attempt {
  /** Failed attempts in a row before this one. */
  readonly attempt: number;
  readonly cause: SSEError | null;
  /** Aborted as soon as the attempt is superseded; whatever it reports then is ignored. */
  readonly signal: AbortSignal;
  /** The stream is open. */
  opened(): void;
  /** Bytes arrived. */
  hear(): void;
  /** How long the stream may be silent; `null`: for ever. */
  expect(heartbeatMs: number | null): void;
  /** A message arrived: proof enough that the server is well. */
  healthy(): void;
  failed(failure: SSEError): void;
}
