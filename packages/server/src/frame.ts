import { FrameError } from "./errors.ts";

/** The fields of one block of an event stream. */
export interface Frame {
  /** Event type; an empty one is left out, which parsers read as `message`. No CR, LF or NUL. */
  readonly event?: string;
  /** New last event id. No CR, LF or NUL. Without `data` it moves the id and dispatches nothing. */
  readonly id?: string;
  /** Payload; every CRLF, CR or LF starts another `data:` line. */
  readonly data?: string;
  /** Reconnection delay in milliseconds, an integer from 0 to 2^31 − 1. */
  readonly retry?: number;
  /** Text that parsers skip; split into lines like `data`. */
  readonly comment?: string;
}

const LINE_BREAK = /\r\n|\r|\n/;
const MAX_RETRY_MS = 2 ** 31 - 1;

/**
 * Encodes one block, blank line included; no fields give the empty string.
 *
 * @throws {FrameError} when a field could end its line early, or `event` has no `data` to be dispatched with.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 *
 * @example
 * encodeFrame({ event: "price", id: "k3f9q2.1a", data: "42" });
 */
export function encodeFrame({ event, id, data, retry, comment }: Frame): string {
  let text = "";
  if (comment !== undefined) text += lines(":", "comment", comment);
  if (retry !== undefined) text += `retry: ${checkRetry(retry)}\n`;
  if (event !== undefined) {
    checkLine("event", event);
    if (data === undefined)
      throw new FrameError(
        "missing-data",
        "event",
        "Frame field event needs data: parsers drop an event that has none.",
      );
    if (event !== "") text += `event: ${event}\n`;
  }
  if (id !== undefined) text += `id: ${checkLine("id", id)}\n`;
  if (data !== undefined) text += lines("data:", "data", data);
  return text === "" ? "" : `${text}\n`;
}

function lines(prefix: string, field: string, value: string): string {
  checkText(field, value);
  // The space is required, not decoration: parsers remove exactly one, so a value that begins with a space survives.
  if (!value.includes("\n") && !value.includes("\r")) return `${prefix} ${value}\n`;
  return value
    .split(LINE_BREAK)
    .map((line) => `${prefix} ${line}\n`)
    .join("");
}

function checkLine(field: string, value: string): string {
  checkText(field, value);
  if (value.includes("\n") || value.includes("\r")) {
    throw new FrameError("line-break", field, `Frame field ${field} must not contain a line break.`);
  }
  // A parser ignores an id with NUL as a whole, so the position would silently stay behind.
  if (value.includes("\0")) throw new FrameError("nul", field, `Frame field ${field} must not contain NUL.`);
  return value;
}

function checkText(field: string, value: unknown): void {
  if (typeof value !== "string") throw new FrameError("not-text", field, `Frame field ${field} must be a string.`);
}

function checkRetry(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_RETRY_MS) return value;
  throw new FrameError("retry-range", "retry", `Frame field retry must be an integer from 0 to ${MAX_RETRY_MS}.`);
}
