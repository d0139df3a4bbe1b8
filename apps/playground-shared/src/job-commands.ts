import type { Job } from "playground-server/channels";
import { post } from "./ask.ts";
import { guest } from "./guest.ts";
import { type Jobs, newestUnderWay } from "./jobs.ts";
import type { Outcome } from "./outcome.ts";

/** A button of the long tasks. */
export interface JobCommand {
  readonly name: "start-job" | "start-failing-job" | "cancel-job";
  readonly label: string;
  /** Shown while the server is asked. */
  readonly pending: string;
  readonly isPrimary: boolean;
  /** Whether pressing it does anything now. */
  readonly isUseful: boolean;
  /** A failure is an outcome too. */
  readonly run: () => Promise<Outcome>;
}

/** The buttons in their order. */
export function jobCommandsOf(jobs: Jobs): readonly JobCommand[] {
  const running = newestUnderWay(jobs);
  return [
    {
      name: "start-job",
      label: "Start",
      pending: "Starting…",
      isPrimary: true,
      isUseful: true,
      run: () => start(false),
    },
    {
      name: "start-failing-job",
      label: "Start one that fails",
      pending: "Starting…",
      isPrimary: false,
      isUseful: true,
      run: () => start(true),
    },
    {
      name: "cancel-job",
      label: "Cancel",
      pending: "Cancelling…",
      isPrimary: false,
      isUseful: running !== undefined,
      run: () => cancel(running?.id ?? ""),
    },
  ];
}

const as = (path: string) => `${path}?user=${guest}`;

async function start(fails: boolean): Promise<Outcome> {
  try {
    const { id } = await post<Job>(as("/api/jobs"), { fails });
    return { text: `Task ${id} was started.`, tone: "neutral" };
  } catch (error) {
    return { text: `Nothing was started: ${(error as Error).message}`, tone: "bad" };
  }
}

async function cancel(id: string): Promise<Outcome> {
  try {
    await post<Job>(as("/api/jobs/cancel"), { id });
    return { text: `Task ${id} was cancelled.`, tone: "neutral" };
  } catch (error) {
    return { text: `Nothing was cancelled: ${(error as Error).message}`, tone: "bad" };
  }
}
