import { checkSubscriptionName } from "./channel-name.ts";
import type { ChannelDefinitions } from "./define-channels.ts";
import { OptionError } from "./errors.ts";
import { compilePattern } from "./pattern.ts";

/** The largest delay timers and `retry:` can express. */
export const MAX_NUMBER = 2 ** 31 - 1;

/** An error about the option at this path. */
export function invalid(path: string, fix: string): OptionError {
  return new OptionError(path, fix);
}

/** Throws when `value` is not an object or has a field that is not in `names`. */
export function checkFields(path: string, value: unknown, names: readonly string[]): void {
  if (typeof value !== "object" || value === null)
    throw invalid(path || "options", `use an object with ${names.join(", ")}.`);
  for (const name of Object.keys(value)) {
    if (names.includes(name)) continue;
    const full = path ? `${path}.${name}` : name;
    throw invalid(full, `there is no such option. Known here: ${names.join(", ")}.`);
  }
}

/** Returns an integer of at least `min`, or throws. */
export function checkNumber(path: string, value: number, min: number, max = MAX_NUMBER): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(path, `use an integer from ${min} to ${max}.`);
}

/** Resolves a record by channel name or pattern, and throws where a name cannot match any defined channel. */
export function checkPerChannel<Own, Resolved>(
  path: string,
  record: Readonly<Record<string, Own>>,
  channels: ChannelDefinitions | undefined,
  resolve: (path: string, own: Own) => Resolved,
): Readonly<Record<string, Resolved>> {
  const defined = Object.keys(channels ?? {});
  const entries = Object.entries(record).map(([name, own]) => {
    checkSubscriptionName(name);
    // Equal text counts too: a pattern is not a channel its own pattern covers.
    if (
      channels &&
      !defined.some((known) => known === name || compilePattern(known)(name) || compilePattern(name)(known))
    ) {
      throw invalid(`${path}.${name}`, `no channel of that name is defined. Defined: ${defined.join(", ")}.`);
    }
    return [name, resolve(`${path}.${name}`, own)] as const;
  });
  return Object.fromEntries(entries);
}
