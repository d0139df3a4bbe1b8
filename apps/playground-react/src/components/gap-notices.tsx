import { useReadable } from "@x/sse-react";
import { type SnapshotReport, snapshotReports } from "playground-shared/snapshots";
import { useState } from "react";
import { useClient } from "../use-client.ts";
import { GapNotice } from "./gap-notice.tsx";

const keyOf = ({ gap, at }: SnapshotReport) => (gap ? `${gap.reason} ${gap.from} ${gap.to}` : `first ${at}`);

/** One notice per loss, which usually concerns several channels, and what became of it. */
export function GapNotices() {
  const client = useClient();
  const reports = useReadable(snapshotReports);
  const [dismissed, setDismissed] = useState<readonly string[]>([]);

  // The first picture is worth a word only where it did not come.
  const notable = [...reports.values()].filter(({ gap, step }) => gap || step === "failed");
  const losses = new Map<string, SnapshotReport[]>();
  for (const report of notable) losses.set(keyOf(report), [...(losses.get(keyOf(report)) ?? []), report]);
  const shown = [...losses].filter(([key]) => !dismissed.includes(key));
  const dismiss = (key: string) => {
    // Only what can still be shown needs remembering.
    setDismissed([...dismissed.filter((other) => losses.has(other)), key]);
    // The button that had the focus goes away.
    document.getElementById("main")?.focus({ preventScroll: true });
  };
  const tryAgain = (failed: readonly SnapshotReport[]) => {
    // A new subscriber has what is missing loaded again; those that are there already stay.
    for (const { channel } of failed) client.channel(channel as "ticker" | "services").on(() => {})();
  };
  return (
    <div className="notices" role="status">
      {shown.map(([key, loss]) => (
        <GapNotice key={key} reports={loss} onDismiss={() => dismiss(key)} onTryAgain={tryAgain} />
      ))}
    </div>
  );
}
