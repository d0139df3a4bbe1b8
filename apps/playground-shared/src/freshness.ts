import type { ConnectionState, Gap } from "@x/sse-core";
import type { SnapshotReport } from "./snapshots.ts";

/** Words for what is shown of a channel while it may be old or incomplete; `null` otherwise. */
export function describeFreshness(
  { status, openedAt, stale }: ConnectionState,
  gap: Gap | null,
  report: SnapshotReport | undefined,
): string | null {
  const isCut = (status !== "open" && openedAt !== null) || stale;
  if (isCut || report?.step === "failed") return "May be old";
  return gap && report?.step === "loading" ? "Healing…" : null;
}
