import { formatEventId, formatPosition, type Position } from "./event-id.ts";
import { encodeFrame } from "./frame.ts";
import type { Gap, ResumePlan } from "./resume.ts";

/** What `sse.hello` tells. */
export interface Hello {
  readonly conn: string;
  readonly epoch: string;
  readonly head: Position;
  readonly heartbeatMs: number | null;
  readonly channels: readonly string[];
  readonly plan: ResumePlan;
}

/** Encodes `sse.hello`. */
export function encodeHello({ conn, epoch, head, heartbeatMs, channels, plan }: Hello): string {
  const { resume, replayed } = plan;
  return encodeControl("sse.hello", {
    conn,
    epoch,
    pos: formatPosition(head),
    heartbeatMs,
    channels,
    resume,
    replayed,
  });
}

/** Encodes `sse.gap`. It has no id: a link that dies right after it must find the gap again. */
export function encodeGap({ channels, reason }: Gap, from: string | null, to: string): string {
  return encodeControl("sse.gap", { channels, reason, from, to });
}

/** Why the server ends a stream. */
export type ByeReason = "shutdown";

/** Encodes the last words of a stream: when to come back, and why it ends. */
export function encodeBye(reason: ByeReason, retryMs: number): string {
  return encodeFrame({ retry: retryMs }) + encodeControl("sse.bye", { reason, retryMs });
}

/** Encodes a block that moves the client's position and dispatches nothing. */
export function encodeIdBlock(epoch: string, position: Position): string {
  return encodeFrame({ id: formatEventId(epoch, position) });
}

/** Encodes a heartbeat: bytes for proxies and watchdogs, and the position a quiet stream has reached. */
export function encodeHeartbeat(epoch: string, position: Position): string {
  return encodeFrame({ comment: "", id: formatEventId(epoch, position) });
}

/** Encodes a comment of `bytes` bytes, for intermediaries that hold back short responses; nothing for 0. */
export function encodePadding(bytes: number): string {
  return bytes === 0 ? "" : encodeFrame({ comment: " ".repeat(Math.max(0, bytes - 4)) });
}

function encodeControl(event: string, data: unknown): string {
  return encodeFrame({ event, data: JSON.stringify(data) });
}
