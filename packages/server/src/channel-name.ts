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
  if (typeof name !== "string" || name === "")
    throw new ChannelNameError(String(name), "a name is a non-empty string.");
  if (FORBIDDEN.test(name)) throw new ChannelNameError(name, "names have no CR, LF, NUL or comma.");
  if (name.startsWith("sse.") || name.startsWith("@")) throw new ReservedEventError(name);
  if (isPattern(name) && !isValidPattern(name)) {
    throw new ChannelNameError(name, "in a pattern `*` is a whole segment and `**` is the last one.");
  }
}
