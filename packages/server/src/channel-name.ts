import { ChannelNameError, ReservedEventError } from "./errors.ts";
import { isPattern, isValidPattern } from "./pattern.ts";

/** Would end a line, end a header or split the `channels` query. */
const FORBIDDEN = /[\r\n\0,]/;

/**
 * Checks what may be published to: a concrete name.
 *
 * @throws {ChannelNameError} when it is empty, has CR, LF, NUL, a comma or a `*`.
 * @throws {ReservedEventError} when it begins with `sse.` or `@`.
 */
export function checkChannelName(name: string): void {
  checkSubscriptionName(name);
  if (isPattern(name)) throw new ChannelNameError(name, "a pattern cannot be published to; name one channel.");
}

/**
 * Checks what may be subscribed to: a concrete name or a pattern.
 *
 * @throws {ChannelNameError} when it is empty, has CR, LF, NUL or a comma, or misplaces a `*`.
 * @throws {ReservedEventError} when it begins with `sse.` or `@`.
 */
export function checkSubscriptionName(name: string): void {
  if (isSubscriptionName(name)) return;
  if (typeof name !== "string" || name === "")
    throw new ChannelNameError(String(name), "a name is a non-empty string.");
  if (FORBIDDEN.test(name)) throw new ChannelNameError(name, "names have no CR, LF, NUL or comma.");
  if (isReserved(name)) throw new ReservedEventError(name);
  throw new ChannelNameError(name, "in a pattern `*` is a whole segment and `**` is the last one.");
}

/** The same without an error, which costs more than all the rest: a query can have thousands of wrong names. */
export function isSubscriptionName(name: unknown): name is string {
  return typeof name === "string" && name !== "" && !FORBIDDEN.test(name) && !isReserved(name) && isValidPattern(name);
}

function isReserved(name: string): boolean {
  return name.startsWith("sse.") || name.startsWith("@");
}
