import type { ConnectionState } from "@x/sse-react";
import { transportLabels } from "playground-shared/wording";

/** Short words for what the status alone does not tell. The first is always there, so that the row keeps its height. */
export function ConnectionBadges({ state }: { state: ConnectionState }) {
  const { transport, stale, offline, pausedBy } = state;
  return (
    <ul className="badges" aria-label="Circumstances">
      <li
        className={transport === "polling" ? "tag tag-warning" : "tag"}
        data-testid="transport"
        data-transport={transport}
      >
        <span className="badge-name">Transport: </span>
        {transportLabels[transport]}
      </li>
      {stale && (
        <li className="tag tag-warning" data-testid="badge-stale">
          Stale
        </li>
      )}
      {offline && (
        <li className="tag tag-warning" data-testid="badge-offline">
          Offline
        </li>
      )}
      {pausedBy.map((reason) => (
        <li key={reason} className="tag" data-testid="badge-paused">
          Paused by {reason}
        </li>
      ))}
    </ul>
  );
}
