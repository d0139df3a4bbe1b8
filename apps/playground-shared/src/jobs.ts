import type { SSEError } from "@x/sse-core";
import type { Job } from "playground-server/channels";
import type { IconName } from "./icons.ts";

/** As many as the server remembers. */
export const JOBS_SHOWN = 5;

type JobLook = "pending" | "running" | "completed" | "failed" | "cancelled";

/** A long task as it is shown. */
export interface JobView {
  readonly id: string;
  readonly title: string;
  readonly look: JobLook;
  readonly label: string;
  readonly icon: IconName;
  readonly percent: number;
  /** What is being done, or what came of it. */
  readonly text: string;
  /** The bar in words. */
  readonly valueText: string;
}

export type Jobs = ReadonlyMap<string, Job>;

const labels: Readonly<Record<JobLook, string>> = {
  pending: "Pending",
  running: "Running",
  completed: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

const icons: Readonly<Record<JobLook, IconName>> = {
  pending: "dots",
  running: "refresh",
  completed: "check",
  failed: "warning",
  cancelled: "cross",
};

const newestFirst = (jobs: Jobs) => [...jobs.values()].sort((a, b) => Number(b.id) - Number(a.id));

/** The newest ones, newest first. */
export function jobViewsOf(jobs: Jobs): readonly JobView[] {
  return newestFirst(jobs).slice(0, JOBS_SHOWN).map(viewOf);
}

/** The newest that is not over. */
export function newestUnderWay(jobs: Jobs): Job | undefined {
  return newestFirst(jobs).find(({ status }) => status === "pending" || status === "running");
}

function viewOf(job: Job): JobView {
  const { id, status, error } = job;
  const look = error?.code === "cancelled" ? "cancelled" : status;
  const percent = Math.floor(job.percent);
  const text = textOf(job);
  return {
    id,
    title: `Task ${id}`,
    look,
    label: labels[look],
    icon: icons[look],
    percent,
    text,
    valueText: `${percent}%, ${labels[look]}`,
  };
}

function textOf({ status, message, result, error }: Job): string {
  if (status === "pending") return "Waiting for the server to begin";
  if (error?.code === "cancelled") return message ? `Stopped while ${lowerFirst(message)}` : "Stopped before it began";
  if (status === "failed") return error?.message ?? "The task failed.";
  return status === "completed" ? (result ?? "") : message;
}

const lowerFirst = (text: string) => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;

/** Stands in place of the list; `null` while skeletons do. */
export function describeNoJobs(isLoading: boolean, error: SSEError | null): string | null {
  if (error) return `No tasks: ${error.message}`;
  return isLoading
    ? null
    : "No task yet. Start one: it runs on the server, and goes on when you reload or lose the link.";
}
