import type { SSEError } from "../errors.ts";
import type { CloseReason } from "./close-reason.ts";
import type { Situation } from "./machine.ts";

/**
 * What a user sees of the connection.
 *
 * - `idle`: nobody needs it
 * - `connecting`: first attempt under way
 * - `open`: live
 * - `reconnecting`: lost; the next attempt is under way or has a time (`nextRetryAt`)
 * - `paused`: held back for the reasons in `pausedBy`
 * - `closed`: stopped for the `reason` given; `connect()` starts it again
 */
export type ConnectionStatus = "idle" | "connecting" | "open" | "reconnecting" | "paused" | "closed";

/** What carries the stream. `shared`, another tab's connection, is reserved: no transport reports it yet. */
export type TransportName = "fetch" | "native" | "polling" | "shared";

/** How a stream was continued, as the server told in `sse.hello` and `sse.gap`. */
export type Resume =
  /** A first connection: nothing to continue. */
  | { readonly type: "fresh" }
  /** Continued where it broke; nothing had been missed. */
  | { readonly type: "resumed" }
  /** Continued; `count` missed messages are delivered first. */
  | { readonly type: "replayed"; readonly count: number }
  /** Some messages are lost for good. This is the last gap; every channel concerned has its own. */
  | ({ readonly type: "gap" } & Gap);

/** Why messages were lost, as the protocol names it. */
export type GapReason =
  | "trimmed"
  | "epoch"
  | "slow"
  | "ahead"
  | "bad-id"
  | "replay-limit"
  | "forgotten"
  /** Not the server's: nobody had subscribed to the channel for a while. */
  | "unsubscribed";

/** Messages of these channels were lost between two positions. Source: PROTOCOL.md, `sse.gap`. */
export interface Gap {
  readonly channels: readonly string[];
  readonly reason: GapReason;
  /** Id of the last message had before the gap, or `null` where the server cannot know it. */
  readonly from: string | null;
  /** Id up to which messages are missing. */
  readonly to: string | null;
}

/** A snapshot of the connection: immutable, replaced at every change. */
export interface ConnectionState {
  readonly status: ConnectionStatus;
  /** Only while `closed`. */
  readonly reason: CloseReason | null;
  /** Failed attempts in a row; 0 once a stream has proved healthy. */
  readonly attempt: number;
  /** When the next attempt starts (ms since 1970); `null` unless one is waited for. */
  readonly nextRetryAt: number | null;
  /** What ended the last stream or attempt; `null` while open. */
  readonly cause: SSEError | null;
  /** Open, but silent for 1.5 times the longest silence of a healthy stream; it is replaced after 2.5 times. */
  readonly stale: boolean;
  /** The browser says that there is no network. A hint: the connection may be fine. False while idle or closed. */
  readonly offline: boolean;
  /** Why it is paused: reasons given to `pause()`, `hidden`, and `left` for a page in the back/forward cache. */
  readonly pausedBy: readonly string[];
  /** What carries the stream, or carried the last one. */
  readonly transport: TransportName;
  /** `null` until the server has told, and for servers that never do. */
  readonly resume: Resume | null;
  /** What the next attempt will send as `Last-Event-ID`; empty for nothing. Updated once per frame. */
  readonly lastEventId: string;
  /** When the stream was last opened (ms since 1970); `null` before the first time. */
  readonly openedAt: number | null;
}

/** What users see of a situation: the one place where private states become public ones. */
export function toState(
  [state, { attempt, cause, reason, nextRetryAt }]: Situation,
  { transport, resume, lastEventId }: Pick<ConnectionState, "transport" | "resume" | "lastEventId">,
  rest: Pick<ConnectionState, "stale" | "offline" | "pausedBy" | "openedAt">,
): ConnectionState {
  const isLost = state === "waiting" || state === "refreshing" || (state === "connecting" && cause);
  const status = isLost ? "reconnecting" : state;
  return { status, reason, attempt, nextRetryAt, cause, transport, resume, lastEventId, ...rest };
}
