import type { TransportName } from "../connection/status.ts";
import type { Environment } from "../environment.ts";
import type { SSEError } from "../errors.ts";

/** One attempt, with everything a user may give as a function already resolved. */
export interface TransportRequest {
  /** As given: absolute, or relative to the page. */
  readonly url: string;
  readonly method: string;
  readonly body: BodyInit | null | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Sends cookies to other origins too. */
  readonly withCredentials?: boolean | undefined;
  /** Largest event taken, in characters. */
  readonly maxEventChars?: number | undefined;
  /** Takes a last block without its blank line for an event. */
  readonly flushAtEnd?: boolean | undefined;
  /** To be sent as a header; empty for none. */
  readonly lastEventId: string;
  /** Where a position is put: as `lastEventId` in the query it is part of `url`. @default "header" */
  readonly resumeBy?: "header" | "query" | undefined;
  /**
   * Aborted when the stream is no longer wanted, with the failure as its reason where there was one: the transport lets
   * go of the connection, and the sink ignores it.
   */
  readonly signal: AbortSignal;
}

/** Where a transport puts what it receives. */
export interface TransportSink {
  /** The answer is an event stream; its first byte may still be on the way. */
  open(transport: TransportName): void;
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

/** What a transport may use of its client. */
export interface TransportContext {
  readonly environment: Environment;
  /** Knows the event names to expect, patterns included. */
  readonly router: { events(): readonly string[] };
}

/** Makes the transport of a client. @throws SSEError `invalid-option` where it cannot carry what the client needs */
export type TransportFactory = (context: TransportContext) => Transport;

/** Makes a transport that stands in for another one where that does not get through. */
export type Fallback = (primary: Transport, context: TransportContext) => Transport;
