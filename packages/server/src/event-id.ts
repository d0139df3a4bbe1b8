/**
 * A place in the log. Two numbers so that both a counter (`minor` stays 0) and a Redis stream id
 * (milliseconds and sequence) are positions without a conversion that could lose order.
 */
export interface Position {
  readonly major: number;
  readonly minor: number;
}

/** Before every entry. */
export const ORIGIN: Position = Object.freeze({ major: 0, minor: 0 });

/** Longest id a client may present; longer ones are not even looked at. */
const MAX_ID_LENGTH = 256;
const EVENT_ID = /^([0-9a-z]{6})\.([0-9a-z][0-9a-z_-]*)$/;
const POSITION = /^(0|[1-9a-z][0-9a-z]{0,10})(?:-(0|[1-9a-z][0-9a-z]{0,10}))?$/;

/** Negative when `a` comes first, positive when `b` does, 0 for the same place. */
export function comparePositions(a: Position, b: Position): number {
  return a.major - b.major || a.minor - b.minor;
}

/** The later of two positions. */
export function laterPosition(a: Position, b: Position): Position {
  return comparePositions(a, b) < 0 ? b : a;
}

/** Text of a position: base 36, with `-minor` only where there is one. */
export function formatPosition({ major, minor }: Position): string {
  return minor === 0 ? major.toString(36) : `${major.toString(36)}-${minor.toString(36)}`;
}

/** Text of an event id, `<epoch>.<pos>`. */
export function formatEventId(epoch: string, position: Position): string {
  return `${epoch}.${formatPosition(position)}`;
}

/** What a presented id means to a hub of the given epoch. */
export type PresentedId =
  | { readonly kind: "position"; readonly position: Position }
  | { readonly kind: "epoch" }
  | { readonly kind: "bad-id" };

/** Reads an id a client presented. A foreign epoch is `epoch` whatever its positions look like. */
export function parseEventId(text: string, epoch: string): PresentedId {
  const parts = text.length <= MAX_ID_LENGTH ? EVENT_ID.exec(text) : null;
  if (!parts) return { kind: "bad-id" };
  if (parts[1] !== epoch) return { kind: "epoch" };
  const position = parsePosition(parts[2]!);
  return position ? { kind: "position", position } : { kind: "bad-id" };
}

function parsePosition(text: string): Position | undefined {
  const parts = POSITION.exec(text);
  if (!parts) return undefined;
  const major = Number.parseInt(parts[1]!, 36);
  const minor = parts[2] === undefined ? 0 : Number.parseInt(parts[2], 36);
  return Number.isSafeInteger(major) && Number.isSafeInteger(minor) ? { major, minor } : undefined;
}
