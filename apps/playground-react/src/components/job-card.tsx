import { useChannel, useReadable } from "@x/sse-react";
import { type JobCommand, jobCommandsOf } from "playground-shared/job-commands";
import { describeNoJobs, jobViewsOf } from "playground-shared/jobs";
import type { Outcome } from "playground-shared/outcome";
import { useState } from "react";
import { useClient } from "../use-client.ts";
import { Freshness } from "./freshness.tsx";
import { JobItem } from "./job-item.tsx";

const nothing = () => null;

export function JobCard() {
  const client = useClient();
  const jobs = useReadable(client.channel("jobs").state);
  const { loading, error, gap } = useChannel(client, "jobs", nothing);
  const [pending, setPending] = useState<JobCommand["name"] | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const views = jobViewsOf(jobs);
  const placeholder = describeNoJobs(loading, error);

  const run = async ({ name, isUseful, run }: JobCommand) => {
    if (pending || !isUseful) return;
    setPending(name);
    setOutcome(null);
    setOutcome(await run());
    setPending(null);
  };

  return (
    <section className="card" aria-labelledby="jobs-heading">
      <div className="card-header">
        <h3 id="jobs-heading">Long task</h3>
        <p className="hint">newest first</p>
        <Freshness channel="jobs" gap={gap} />
      </div>
      <div className="card-controls">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields */}
        <div className="button-row" role="group" aria-label="Long task">
          {jobCommandsOf(jobs).map((command) => (
            <button
              key={command.name}
              type="button"
              className={command.isPrimary ? "button button-primary" : "button"}
              data-testid={`btn-${command.name}`}
              aria-disabled={pending !== null || !command.isUseful}
              aria-busy={pending === command.name}
              onClick={() => void run(command)}
            >
              {/* Both are laid out, so that the button keeps its width. */}
              <span className="button-label" data-shown={pending !== command.name}>
                {command.label}
              </span>
              <span
                className="button-label"
                data-shown={pending === command.name}
                aria-hidden={pending !== command.name}
              >
                {command.pending}
              </span>
            </button>
          ))}
        </div>
      </div>
      <p className="outcome" role="status" data-testid="job-outcome" data-tone={outcome?.tone ?? "neutral"}>
        {outcome?.text}
      </p>
      <div className="jobs" aria-busy={loading}>
        {views.length === 0 && placeholder && <p className="card-message">{placeholder}</p>}
        <ul aria-label="Tasks">
          {views.map((view) => (
            <JobItem key={view.id} view={view} />
          ))}
        </ul>
      </div>
    </section>
  );
}
