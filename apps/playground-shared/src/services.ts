import type { SSEError } from "@x/sse-core";
import type { Service } from "playground-server/channels";
import type { IconName } from "./icons.ts";

export const serviceLabels: Readonly<Record<Service["state"], string>> = {
  operational: "Operational",
  degraded: "Degraded",
  down: "Down",
};

export const serviceIcons: Readonly<Record<Service["state"], IconName>> = {
  operational: "check",
  degraded: "warning",
  down: "cross",
};

/** By name, so that no service ever changes place. */
export function sortServices(services: ReadonlyMap<string, Service>): readonly Service[] {
  return [...services.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** Stands above the empty list; `null` while skeletons do. */
export function describeNoServices(isLoading: boolean, error: SSEError | null): string | null {
  if (error) return `No service states: ${error.message}`;
  return isLoading ? null : "No service has reported yet.";
}

/** Stands in place of the list while nobody looks at it. */
export const NOT_WATCHED =
  "Not watched: the open stream goes on without this channel. Watch it again to receive what you missed.";
