/** A stream of bytes and what the HTML standard makes of it. */
export interface DecodingVector {
  /** Unique, a plain sentence or phrase. */
  name: string;
  /** The rule of HTML §9.2.5 (parsing) or §9.2.6 (interpretation) that decides, in the project's own words. */
  clause: string;
  /** The whole stream, from its first byte to its end. Shared between tests: copy before transferring it. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Every dispatched event, in order. */
  events: DecodedEvent[];
  /** The last event ID when the stream has ended: what a reconnect sends, `""` for none. */
  cursor: string;
  /** The reconnection time the stream set last, in milliseconds and before any clamp; absent when it set none. */
  retryMs?: number;
}

/** One dispatched event. */
export interface DecodedEvent {
  /** `"message"` when the stream named none. */
  type: string;
  data: string;
  lastEventId: string;
}

/** What a vector's stream must yield; what is absent is empty. */
export interface DecodingExpectation {
  events?: DecodedEvent[];
  cursor?: string;
  retryMs?: number;
}

const encoder = new TextEncoder();

/** Joins text, encoded as UTF-8, and raw bytes. */
export function toBytes(...parts: (string | readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...(typeof part === "string" ? encoder.encode(part) : part)]));
}

/** An expected event. */
export function event(data: string, lastEventId = "", type = "message"): DecodedEvent {
  return { type, data, lastEventId };
}

/** A vector from its stream, given as text or as bytes, and the outcome. */
export function vector(
  name: string,
  clause: string,
  stream: string | Uint8Array<ArrayBuffer>,
  { events = [], cursor = "", retryMs }: DecodingExpectation = {},
): DecodingVector {
  const bytes = typeof stream === "string" ? toBytes(stream) : stream;
  return { name, clause, bytes, events, cursor, ...(retryMs === undefined ? {} : { retryMs }) };
}
