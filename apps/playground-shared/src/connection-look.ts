import type { ConnectionState, ConnectionStatus } from "@x/sse-core";
import type { IconName } from "./icons.ts";

const statusIcons: Readonly<Record<ConnectionStatus, IconName>> = {
  idle: "dots",
  connecting: "refresh",
  open: "check",
  reconnecting: "refresh",
  paused: "pause",
  closed: "cross",
};

export function iconOf({ status, stale }: Pick<ConnectionState, "status" | "stale">): IconName {
  return stale ? "warning" : statusIcons[status];
}

/** How bad it is, for the colour of the explanation. */
export function toneOf({ status, cause, stale, transport }: ConnectionState): "good" | "neutral" | "warning" | "bad" {
  if (stale || (status === "open" && transport === "polling")) return "warning";
  if (status === "open") return "good";
  return cause && status !== "paused" ? "bad" : "neutral";
}
