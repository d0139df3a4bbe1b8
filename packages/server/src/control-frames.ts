import { formatEventId, formatPosition, type Position } from "./event-id.ts";
import { encodeFrame } from "./frame.ts";
import type { PresenceList } from "./presence-list.ts";
import type { PresenceChange } from "./presence-rooms.ts";
import type { Gap, GapReason, ResumePlan } from "./resume.ts";

/** What `sse.hello` tells. */
export interface Hello {
  readonly conn: string;
  readonly epoch: string;
  readonly head: Position;
  readonly heartbeatMs: number | null;
  readonly channels: readonly string[];
  readonly plan: ResumePlan;
  /** `undefined` when the hub knows of nobody's presence. */
  readonly presence: PresenceList | undefined;
}

/** Encodes `sse.hello`. */
export function encodeHello({ conn, epoch, head, heartbeatMs, channels, plan, presence }: Hello): string {
  const { resume, replayed } = plan;
  return encodeControl("sse.hello", {
    conn,
    epoch,
    pos: formatPosition(head),
    heartbeatMs,
    channels,
    resume,
    replayed,
    ...presence,
  });
}

/** What `sse.gap` tells: events of the channels after `from` and up to `to` may be missing. */
export interface GapData {
  readonly channels: readonly string[];
  readonly reason: GapReason;
  readonly from: string | null;
  readonly to: string;
}

/** Describes a gap after the id that was presented or written last; a malformed one is not repeated to the client. */
export function describeGap({ channels, reason }: Gap, from: string | undefined, to: string): GapData {
  return { channels, reason, from: reason === "bad-id" ? null : (from ?? null), to };
}

/** Encodes `sse.gap`. It has no id: a link that dies right after it must find the gap again. */
export function encodeGap(gap: GapData): string {
  return encodeControl("sse.gap", gap);
}

/** Encodes `sse.subscribed`: what the stream owed for an added channel is written, and everything else up to here. */
export function encodeSubscribed(channel: string, position: Position): string {
  return encodeControl("sse.subscribed", { channel, pos: formatPosition(position) });
}

/** Encodes `sse.status`. It has no id, as it is about now and not about the log. */
export function encodeStatus(isLive: boolean): string {
  return encodeControl("sse.status", { live: isLive });
}

/** Encodes `sse.presence` about one user. */
export function encodePresence(change: {
  readonly channel: string;
  readonly type: PresenceChange;
  readonly user: string;
}): string {
  return encodeControl("sse.presence", change);
}

/** Encodes `sse.presence` about everybody on the channels of the stream. */
export function encodePresenceList(list: PresenceList): string {
  return encodeControl("sse.presence", { type: "list", ...list });
}

/** Why the server ends a stream. */
export type ByeReason = "shutdown" | "expired" | "limit" | "max-age";

/** Encodes the last words of a stream: when to come back, and why it ends. */
export function encodeBye(reason: ByeReason, retryMs: number): string {
  return encodeFrame({ retry: retryMs }) + encodeControl("sse.bye", { reason, retryMs });
}

/** Encodes a block that moves the client's position and dispatches nothing. */
export function encodeIdBlock(epoch: string, position: Position): string {
  return encodeFrame({ id: formatEventId(epoch, position) });
}

/**
 * Encodes a heartbeat: bytes for proxies and watchdogs, and the position a quiet stream has reached. A visible one is an
 * event, for clients that are shown nothing else.
 */
export function encodeHeartbeat(epoch: string, position: Position, isVisible: boolean): string {
  const id = formatEventId(epoch, position);
  return encodeFrame(isVisible ? { event: "sse.ping", id, data: "{}" } : { comment: "", id });
}

/** Encodes a comment of `bytes` bytes, for intermediaries that hold back short responses; nothing for 0. */
export function encodePadding(bytes: number): string {
  return bytes === 0 ? "" : encodeFrame({ comment: " ".repeat(Math.max(0, bytes - 4)) });
}

function encodeControl(event: string, data: unknown): string {
  return encodeFrame({ event, data: JSON.stringify(data) });
}
