import type { ConnectionState } from "@x/sse-react";
import { badgesOf } from "playground-shared/connection-badges";
import { transportLabels } from "playground-shared/wording";

/** Short words for what the status alone does not tell. The first is always there, so that the row keeps its height. */
export function ConnectionBadges({ state }: { state: ConnectionState }) {
  const { transport } = state;
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
      {badgesOf(state).map(({ text, testId, isWarning }) => (
        <li key={text} className={isWarning ? "tag tag-warning" : "tag"} data-testid={testId}>
          {text}
        </li>
      ))}
    </ul>
  );
}
