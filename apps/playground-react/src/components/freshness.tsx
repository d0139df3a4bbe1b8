import { type Gap, useReadable } from "@x/sse-react";
import { snapshotReports } from "playground-shared/snapshots";
import { useClient } from "../use-client.ts";

/** Says so while what is shown of a channel may be old or incomplete. */
export function Freshness({ channel, gap }: { channel: string; gap: Gap | null }) {
  const { status, openedAt, stale } = useReadable(useClient().status);
  const step = useReadable(snapshotReports).get(channel)?.step;
  const isCut = (status !== "open" && openedAt !== null) || stale;
  const text = isCut || step === "failed" ? "May be old" : gap && step === "loading" ? "Healing…" : null;
  return <p className="freshness">{text && <span className="tag tag-warning">{text}</span>}</p>;
}
