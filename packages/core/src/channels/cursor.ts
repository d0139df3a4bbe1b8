import type { Resume, TransportName } from "../connection/status.ts";

/**
 * Where a client is in a server's log. In contract mode (the server has sent `sse.hello`) an id is `<epoch>.<position>`
 * and positions grow, so one id tells everything that was received. In plain mode an id is opaque and only sent back.
 * Source: PROTOCOL.md, Ids and positions.
 */
export interface Cursor {
  /** Whether the server is known to speak PROTOCOL.md. */
  contract: boolean;
  /** How the stream was continued; `null` until the server has told. */
  resume: Resume | null;
  /** What carries the stream. */
  transport: TransportName;
  /** The reconnection time the server set by `retry:`, in ms; 0 if it never did. */
  retryMs: number;
  /** What to send as `Last-Event-ID`; empty for nothing. */
  lastEventId: string;
}

/**
 * Moves to the id of a block that ended; an empty id resets, as HTML §9.2.6 says.
 *
 * @returns false if what carries this id was received before. The cursor then stays: the link may break before the rest
 * of a replay has come again.
 */
export function advance(cursor: Cursor, id: string): boolean {
  const { contract, lastEventId: last } = cursor;
  // Of two ids of one length the greater text is the later one, or not comparable. That spares nearly all the parsing.
  const isLater = id.length === last.length && id.indexOf("-") === last.indexOf("-") && id > last;
  if (contract && !isLater && isAtOrBefore(id, last)) return false;
  cursor.lastEventId = id;
  return true;
}

/** Epoch and position; a position is a base-36 number, or two joined by "-": milliseconds and a sequence number. */
const CONTRACT_ID = /^(\w+)\.([a-z\d]+)-?([a-z\d]+)?$/;

/** Whether two ids are of one epoch and the first is not the later one. Never so for ids that are not the contract's. */
export function isAtOrBefore(id: string, other: string): boolean {
  const [, epoch, major = "", minor = "0"] = CONTRACT_ID.exec(id) ?? [];
  const [, otherEpoch, otherMajor = "", otherMinor = "0"] = CONTRACT_ID.exec(other) ?? [];
  const order = compare(major, otherMajor) || compare(minor, otherMinor);
  return !!epoch && epoch === otherEpoch && order <= 0;
}

function compare(a: string, b: string): number {
  return Number.parseInt(a, 36) - Number.parseInt(b, 36);
}
