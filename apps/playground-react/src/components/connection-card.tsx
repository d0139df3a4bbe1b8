import { useReadable } from "@x/sse-react";
import { type Fact, factsOf } from "playground-shared/connection-facts";
import { toneOf } from "playground-shared/connection-look";
import { snapshotReports } from "playground-shared/snapshots";
import { explain } from "playground-shared/wording";
import { useClient } from "../use-client.ts";
import { useCountdown } from "../use-countdown.ts";
import { ConnectionBadges } from "./connection-badges.tsx";
import { ConnectionButtons } from "./connection-buttons.tsx";
import { StatusPill } from "./status-pill.tsx";

export function ConnectionCard() {
  const state = useReadable(useClient().status);
  const reports = useReadable(snapshotReports);
  const retryInMs = useCountdown(state.nextRetryAt);
  return (
    <section className="card" aria-labelledby="stream-heading">
      <div className="card-header">
        <h3 id="stream-heading">Stream</h3>
        <ConnectionBadges state={state} />
        <StatusPill state={state} />
      </div>
      <div className="card-body">
        <p className="explanation" data-testid="cause" data-tone={toneOf(state)}>
          {explain(state)}
        </p>
        <dl className="facts">
          {factsOf(state, reports, retryInMs).map((fact) => (
            <FactItem key={fact.testId} fact={fact} />
          ))}
        </dl>
      </div>
      <div className="card-footer">
        <ConnectionButtons state={state} />
      </div>
    </section>
  );
}

function FactItem({ fact: { name, testId, text, value } }: { fact: Fact }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-testid={testId} data-value={value}>
        {text}
      </dd>
    </div>
  );
}
