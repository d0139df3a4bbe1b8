import { type Gap, useChannel } from "@x/sse-react";
import { useState } from "react";
import { useClient } from "../client.ts";
import { gapReasons } from "../wording.ts";
import { Icon } from "./icon.tsx";

const nothing = () => null;
const keyOf = ({ reason, from, to }: Gap) => `${reason} ${from} ${to}`;

/** One notice per loss. Every channel tells its own last one, and a loss usually concerns several channels. */
export function GapNotices() {
  const client = useClient();
  const { gap: tickerGap } = useChannel(client, "ticker", nothing);
  const { gap: servicesGap } = useChannel(client, "services", nothing);
  const [dismissed, setDismissed] = useState<readonly string[]>([]);

  const gaps = new Map([tickerGap, servicesGap].filter((gap) => gap !== null).map((gap) => [keyOf(gap), gap]));
  const shown = [...gaps].filter(([key]) => !dismissed.includes(key));
  const dismiss = (key: string) => {
    // Only what can still be shown needs remembering.
    setDismissed([...dismissed.filter((other) => gaps.has(other)), key]);
    // The button that had the focus goes away.
    document.getElementById("main")?.focus({ preventScroll: true });
  };
  return (
    <div className="notices" role="status">
      {shown.map(([key, gap]) => (
        <GapNotice key={key} gap={gap} onDismiss={() => dismiss(key)} />
      ))}
    </div>
  );
}

function GapNotice({ gap, onDismiss }: { gap: Gap; onDismiss: () => void }) {
  return (
    <div className="notice" data-testid="gap" data-reason={gap.reason}>
      <Icon name="warning" />
      <div className="notice-text">
        <p className="notice-title">Some updates may be missing</p>
        <p>
          {gapReasons[gap.reason]} This concerns {gap.channels.join(" and ")}
          {gap.from && (
            <>
              {" "}
              after <code>{gap.from}</code>
            </>
          )}
          . Each line is right again with its next update; reload the page to have all of them now.
        </p>
      </div>
      <div className="notice-buttons">
        <button type="button" className="button" onClick={() => location.reload()}>
          Reload page
        </button>
        <button type="button" className="button button-icon" data-testid="gap-dismiss" onClick={onDismiss}>
          <Icon name="cross" />
          <span className="visually-hidden">Dismiss</span>
        </button>
      </div>
    </div>
  );
}
