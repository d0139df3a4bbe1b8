import { checkSubscriptionName } from "./channel-name.ts";
import { DEFAULTS } from "./defaults.ts";
import type { ChannelDefinitions } from "./define-channels.ts";
import { checkNumber, checkPerChannel, invalid, MAX_NUMBER } from "./option-checks.ts";

/** Options about who is told of whom. */
export interface PresenceOptions {
  /**
   * Names and patterns of the channels whose streams are told which users are there. Whoever may listen to such a channel
   * learns their names. @default none
   */
  readonly presence?: readonly string[];
  /**
   * Milliseconds after a user's last stream has left until that is told; whoever is back before has not been away.
   * @default a second more than the longest `retryMs`: 5_000
   */
  readonly presenceDelayMs?: number;
}

/** The same with every default in place. */
export interface ResolvedPresence {
  readonly presence: readonly string[];
  readonly presenceDelayMs: number;
}

/** Names of these options. */
export const PRESENCE_NAMES: readonly string[] = ["presence", "presenceDelayMs"] satisfies (keyof PresenceOptions)[];

/**
 * Fills in defaults.
 *
 * @throws {OptionError | ChannelNameError | ReservedEventError}
 */
export function resolvePresence(
  { presence = [], presenceDelayMs }: PresenceOptions,
  channels: ChannelDefinitions | undefined,
  [, longestRetryMs]: readonly [min: number, max: number],
): ResolvedPresence {
  if (!Array.isArray(presence)) throw invalid("presence", "use an array of channel names and patterns.");
  for (const name of presence) checkSubscriptionName(name);
  checkPerChannel("presence", Object.fromEntries(presence.map((name) => [name, name])), channels, () => true);
  const delayMs = presenceDelayMs ?? Math.min(MAX_NUMBER, longestRetryMs + DEFAULTS.presenceMarginMs);
  return { presence: [...presence], presenceDelayMs: checkNumber("presenceDelayMs", delayMs, 0) };
}
