import type { Resume } from "../connection/status.ts";

/**
 * Where a client is in a server's log. In contract mode (the server has sent `sse.hello`) an id is `<epoch>.<position>`
 * and positions grow, so one id tells everything that was received. In plain mode an id is opaque and only sent back.
 * Source: PROTOCOL.md, Ids and Resume.
 */
export interface Cursor {
  /** Whether the server is known to speak PROTOCOL.md. */
  contract: boolean;
  /** How the stream was continued; `null` until the server has told. */
  resume: Resume | null;
  /** The reconnection time the server set by `retry:`, in ms; 0 if it never did. */
  retryMs: number;
  /** What to send as `Last-Event-ID`; empty for nothing. */
  readonly lastEventId: string;
  /**
   * Moves to the id of a block that ended; an empty id resets, as HTML §9.2.6 says.
   *
   * @returns false if what carries this id was received before. The cursor then stays: the link may break before the
   * rest of a replay has come again.
   */
  advance(id: string): boolean;
  /** Goes back to an id of before. */
  rewind(id: string): void;
}

export function createCursor(contract: boolean): Cursor {
  let lastEventId = "";
  return {
    contract,
    resume: null,
    retryMs: 0,
    get lastEventId() {
      return lastEventId;
    },
    advance(id) {
      if (this.contract && isAtOrBefore(id, lastEventId)) return false;
      lastEventId = id;
      return true;
    },
    rewind(id) {
      lastEventId = id;
    },
  };
}

/** Whether two ids are of one epoch and the first is not the later one. */
export function isAtOrBefore(id: string, other: string): boolean {
  const a = parse(id);
  const b = parse(other);
  // An id that is none of the contract's gives NaN, which is neither before, at nor after anything.
  return a.epoch === b.epoch && (a.major < b.major || (a.major === b.major && a.minor <= b.minor));
}

/** A position is a base-36 number, or two joined by "-": milliseconds and a sequence number. */
function parse(id: string) {
  const [epoch, position = ""] = id.split(".");
  const [major = Number.NaN, minor = 0] = position.split("-").map((part) => Number.parseInt(part, 36));
  return { epoch, major, minor };
}
