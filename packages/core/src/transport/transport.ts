import type { SSEError } from "../errors.ts";
import type { ClientOptions } from "../options.ts";

/** One attempt, with everything a user may give as a function already resolved; see `ClientOptions` for the rest. */
export interface TransportRequest extends Pick<ClientOptions, "withCredentials" | "maxEventChars"> {
  /** As given: absolute, or relative to the page. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Empty for none. */
  readonly lastEventId: string;
  /** Aborted when the stream is no longer wanted: the transport lets go of the connection, and the sink ignores it. */
  readonly signal: AbortSignal;
}

/** Where a transport puts what it receives. */
export interface TransportSink {
  /** The answer is an event stream; its first byte may still be on the way. */
  open(): void;
  /** Any bytes arrived, comments included. */
  bytes(count: number): void;
  /** A block with data ended. `id` only if the block itself had one. */
  event(event: RawEvent): void;
  /** A block with an `id` field ended, with or without data; called before `event`. */
  id(id: string): void;
  /** A `retry` field was read, in ms. */
  retry(ms: number): void;
  /** The stream or attempt is over. Called at most once, and last. */
  end(failure: SSEError): void;
}

/** An event as it stands in the stream. */
export interface RawEvent {
  readonly event?: string | undefined;
  readonly id?: string | undefined;
  readonly data: string;
}

/** Carries a stream from a server to a sink. */
export type Transport = (request: TransportRequest, sink: TransportSink) => void;
