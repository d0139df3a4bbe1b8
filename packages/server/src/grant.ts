import type { ChannelRegistry } from "./channel-registry.ts";
import { intersectChannels } from "./channel-registry.ts";
import { GrantError } from "./errors.ts";
import { checkFields } from "./option-checks.ts";
import { type Clocks, momentOf, type Pass } from "./pass.ts";
import { checkIdentity } from "./stream-options.ts";

/** What `authorize` allows. What is left out is as the options of the request say. */
export interface Grant {
  /** Whose request it is. Limits count by it, and a stream's channels are changed by the same user only. */
  readonly user?: string | undefined;
  /** Names and patterns; what the options of the request say bounds them. @default those options */
  readonly channels?: readonly string[] | undefined;
  /** When the permission ends, in milliseconds since 1970 (`exp` of a JWT times 1,000). The earlier one counts. */
  readonly expiresAt?: number | undefined;
}

/**
 * Narrows a pass to what was granted.
 *
 * @throws {GrantError} when that is no grant: what was meant to be one must never count as a permission for everything.
 */
export function narrowPass(pass: Pass, granted: unknown, registry: ChannelRegistry, clocks: Clocks): Pass {
  if (!isPlainObject(granted)) throw new GrantError(`it returned ${nameOf(granted)}.`);
  try {
    // Each field once: whoever made it may still be at work on it.
    const { user, channels, expiresAt } = granted as Grant;
    checkFields("grant", granted, ["user", "channels", "expiresAt"]);
    checkIdentity("grant.", { user, expiresAt });
    if (channels !== undefined && !Array.isArray(channels)) throw new TypeError("channels must be an array of names.");
    const own = channels && registry.authorise(channels);
    const date = Math.min(expiresAt ?? Number.POSITIVE_INFINITY, pass.expiry.date);
    return {
      user: user ?? pass.user,
      channels: own ? intersectChannels(own, pass.channels) : pass.channels,
      ip: pass.ip,
      expiry: date === pass.expiry.date ? pass.expiry : momentOf(date, clocks),
      isLeftOpen: pass.isLeftOpen,
    };
  } catch (error) {
    throw new GrantError(String((error as Error | undefined)?.message ?? error), error);
  }
}

/** An error that was returned instead of thrown, or a Map, has no fields either. */
function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Also one of another realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(value: unknown): string {
  return typeof value === "object" && value !== null ? "an object that is not a plain one" : String(typeof value);
}
