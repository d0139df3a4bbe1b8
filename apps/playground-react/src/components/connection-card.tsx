import { type ConnectionState, useReadable } from "@x/sse-react";
import { formatSeconds, formatTime } from "playground-shared/format";
import { snapshotReports } from "playground-shared/snapshots";
import { describeResume, explain } from "playground-shared/wording";
import type { ReactNode } from "react";
import { useClient } from "../use-client.ts";
import { useCountdown } from "../use-countdown.ts";
import { ConnectionBadges } from "./connection-badges.tsx";
import { ConnectionButtons } from "./connection-buttons.tsx";
import { StatusPill } from "./status-pill.tsx";

export function ConnectionCard() {
  const state = useReadable(useClient().status);
  const reports = useReadable(snapshotReports);
  const { resume } = state;
  const isHealed = resume?.type === "gap" && resume.channels.every((name) => reports.get(name)?.step === "done");
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
          <Fact name="Failed attempts" testId="attempt">
            {state.attempt === 0 ? "–" : state.attempt}
          </Fact>
          <Fact name="Next retry" testId="next-retry">
            <Countdown time={state.nextRetryAt} />
          </Fact>
          <Fact name="Opened" testId="opened">
            {state.openedAt === null ? "–" : formatTime(state.openedAt)}
          </Fact>
          <Fact name="Resume" testId="resume" value={resume?.type}>
            {describeResume(resume, isHealed)}
          </Fact>
          <Fact name="Last event id" testId="last-event-id">
            {state.lastEventId || "–"}
          </Fact>
        </dl>
      </div>
      <div className="card-footer">
        <ConnectionButtons state={state} />
      </div>
    </section>
  );
}

interface FactProps {
  readonly name: string;
  readonly testId: string;
  readonly value?: string | undefined;
  readonly children: ReactNode;
}

function Fact({ name, testId, value, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-testid={testId} data-value={value}>
        {children}
      </dd>
    </div>
  );
}

function Countdown({ time }: { time: number | null }) {
  const left = useCountdown(time);
  return left === null ? "–" : `in ${formatSeconds(left)}`;
}

function toneOf({ status, cause, stale, transport }: ConnectionState): string {
  if (stale || (status === "open" && transport === "polling")) return "warning";
  if (status === "open") return "good";
  return cause && status !== "paused" ? "bad" : "neutral";
}
