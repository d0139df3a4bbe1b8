import { type Gap, useReadable } from "@x/sse-react";
import { describeFreshness } from "playground-shared/freshness";
import { snapshotReports } from "playground-shared/snapshots";
import { useClient } from "../use-client.ts";

/** Says so while what is shown of a channel may be old or incomplete. */
export function Freshness({ channel, gap }: { channel: string; gap: Gap | null }) {
  const state = useReadable(useClient().status);
  const report = useReadable(snapshotReports).get(channel);
  const text = describeFreshness(state, gap, report);
  return <p className="freshness">{text && <span className="tag tag-warning">{text}</span>}</p>;
}
