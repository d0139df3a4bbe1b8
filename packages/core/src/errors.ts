/**
 * What went wrong, for code to branch on.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid-option` | an option is missing, misspelt or out of range; thrown at once, or by `native()` closes the connection |
 * | `invalid-channel` | a channel definition cannot work; thrown at once |
 * | `unknown-channel` | a channel name that the definition does not hold; thrown at once |
 * | `channel-forbidden` | the server does not let this client have the channel |
 * | `network` | no answer, or the connection broke |
 * | `timeout` | no answer, no first byte, a stream that went silent, or a server that does not answer polls |
 * | `ended` | the server ended the stream without saying why, or the page was left and the request may not be repeated |
 * | `bye` | the server announced the end of the stream (`sse.bye`) |
 * | `http` | the answer's status is not 200 |
 * | `unauthorized` | 401 or 403, or the credentials' refresh was refused |
 * | `content-type` | status 200, but not `text/event-stream` |
 * | `too-large` | one event exceeds `maxEventChars` |
 * | `request` | a function that makes the request (`url`, `headers`, …, `onUnauthorized`) threw |
 * | `snapshot` | a snapshot loader threw or took too long |
 * | `decode` | an event's data is not JSON or fails its schema |
 */
export type SSEErrorCode =
  | "invalid-option"
  | "invalid-channel"
  | "unknown-channel"
  | "channel-forbidden"
  | "network"
  | "timeout"
  | "ended"
  | "bye"
  | "http"
  | "unauthorized"
  | "content-type"
  | "too-large"
  | "request"
  | "snapshot"
  | "decode";

/** What an {@link SSEError} can carry beside its code; each only where it applies. */
export interface SSEErrorDetails {
  /** HTTP status of the answer. */
  readonly status?: number | undefined;
  /** Earliest next attempt that the server allows, in ms from now (`Retry-After`, or `retryMs` of `sse.bye`). */
  readonly retryAfterMs?: number | undefined;
  /** The first 200 characters of the answer's body. */
  readonly body?: string | undefined;
  /** `reason` of `sse.bye`. */
  readonly reason?: string | undefined;
  /** The option at fault, as in `retry.baseMs`. */
  readonly option?: string | undefined;
  /** The channel concerned. */
  readonly channel?: string | undefined;
  /** Event id of the message. */
  readonly id?: string | undefined;
  /** The data as it came, before decoding. */
  readonly raw?: string | undefined;
  /** What the schema objected to (Standard Schema issues). */
  readonly issues?: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] | undefined;
  /** What was thrown underneath. */
  readonly cause?: unknown;
}

export interface SSEError extends Omit<SSEErrorDetails, "cause"> {}

/** Every error of this package. The message says what happened and what to do next. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns exactly these
export class SSEError extends Error {
  override readonly name = "SSEError";
  /** What went wrong. */
  readonly code: SSEErrorCode;

  constructor(code: SSEErrorCode, message: string, details?: SSEErrorDetails) {
    super(message);
    this.code = code;
    Object.assign(this, details);
  }

  /** `error` itself if it is an SSEError, else a new one that it caused. */
  static from(error: unknown, code: SSEErrorCode, message: string): SSEError {
    return error instanceof SSEError ? error : new SSEError(code, message, { cause: error });
  }
}
