import { InvalidDataError, ReservedEventError } from "./errors.ts";
import { encodeFrame } from "./frame.ts";

/** One event for the client of a session. */
export type SessionMessage = {
  /** Its name. @default none, which clients read as `message` */
  readonly event?: string;
  /** Becomes the client's last event id, which it presents when it comes back. @default unchanged */
  readonly id?: string;
  /** How long the client waits before it comes back, in milliseconds. @default unchanged */
  readonly retry?: number;
} & (
  | {
      /** Sent as JSON, a string too. */
      readonly data: unknown;
      readonly raw?: false;
    }
  | {
      readonly data: string;
      /** Sends the string as it is. @default false */
      readonly raw: true;
    }
);

/**
 * Encodes an event of a session.
 *
 * @throws {FrameError | ReservedEventError | InvalidDataError}
 */
export function encodeMessage(message: SessionMessage): string {
  if (typeof message !== "object" || message === null)
    throw new InvalidDataError("message", "a message is an object with data.");
  const { event, id, retry, data, raw = false } = message;
  if (typeof event === "string" && (event.startsWith("sse.") || event.startsWith("@")))
    throw new ReservedEventError(event);
  return encodeFrame({
    ...(event === undefined ? {} : { event }),
    ...(id === undefined ? {} : { id }),
    ...(retry === undefined ? {} : { retry }),
    // A string that is none is for the frame to refuse.
    data: raw ? (data as string) : toJson(event, data),
  });
}

function toJson(event = "message", data: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(data);
  } catch (cause) {
    throw new InvalidDataError(event, "it cannot be written as JSON.", [], cause);
  }
  if (text === undefined) throw new InvalidDataError(event, "it has no JSON form; use null for nothing.");
  return text;
}
