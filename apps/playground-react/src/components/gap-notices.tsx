import { useReadable } from "@x/sse-react";
import { focusMain } from "playground-shared/focus-main";
import { dismiss, loadAgain, lossesOf } from "playground-shared/gap-losses";
import { snapshotReports } from "playground-shared/snapshots";
import { useState } from "react";
import { useClient } from "../use-client.ts";
import { GapNotice } from "./gap-notice.tsx";

/** One notice per loss, which usually concerns several channels, and what became of it. */
export function GapNotices() {
  const client = useClient();
  const losses = lossesOf(useReadable(snapshotReports));
  const [dismissed, setDismissed] = useState<readonly string[]>([]);
  const shown = losses.filter(({ key }) => !dismissed.includes(key));
  const onDismiss = (key: string) => {
    setDismissed(dismiss(key, dismissed, losses));
    focusMain();
  };
  return (
    <div className="notices" role="status">
      {shown.map((loss) => (
        <GapNotice
          key={loss.key}
          loss={loss}
          onDismiss={() => onDismiss(loss.key)}
          onTryAgain={() => loadAgain(client, loss)}
        />
      ))}
    </div>
  );
}
