import { normaliseIp } from "./client-ip.ts";
import { checkFields, invalid } from "./option-checks.ts";

/** Whose streams and held polls end: those of a user, those from an address, or the one stream of that `id`. */
export type DisconnectTarget = { readonly user: string } | { readonly ip: string } | { readonly id: string };

/** The same, checked. */
export interface ResolvedTarget {
  readonly by: (typeof NAMES)[number];
  readonly value: string;
}

const NAMES = ["user", "ip", "id"] as const;

/**
 * Checks what may have been left out by mistake: that must never mean everybody.
 *
 * @throws {OptionError}
 */
export function resolveTarget(target: DisconnectTarget): ResolvedTarget {
  checkFields("", target, NAMES);
  const given = Object.entries(target);
  if (given.length !== 1) throw invalid("options", `use one of ${NAMES.join(", ")}.`);
  const [by, value] = given[0] as [ResolvedTarget["by"], unknown];
  if (typeof value !== "string" || value === "") throw invalid(by, "use a non-empty string.");
  return { by, value: by === "ip" ? (normaliseIp(value) ?? value) : value };
}
