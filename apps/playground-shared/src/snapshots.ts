import type { ChannelSnapshot, Gap, Readable, SnapshotContext } from "@x/sse-core";
import { guest } from "./guest.ts";

/** What became of the last snapshot of a channel. */
export interface SnapshotReport {
  readonly channel: string;
  /** What it was to make up for; `null` for the first picture. */
  readonly gap: Gap | null;
  readonly step: "loading" | "done" | "failed";
  /** Why it failed; empty otherwise. */
  readonly failure: string;
  /** When that step was reached (ms since 1970). */
  readonly at: number;
}

/** By channel: one for each that was ever loaded. */
export type SnapshotReports = ReadonlyMap<string, SnapshotReport>;

let reports: SnapshotReports = new Map();
const listeners = new Set<() => void>();

export const snapshotReports: Readable<SnapshotReports> = {
  get: () => reports,
  getServer: () => reports,
  subscribe(listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

function note(report: Omit<SnapshotReport, "at">): void {
  reports = new Map(reports).set(report.channel, { ...report, at: Date.now() });
  for (const listener of listeners) listener();
}

/** Fetches all that a channel holds now, with the id at which that was taken, and reports how it went. */
export async function loadSnapshot<Data>({ channel, gap, signal }: SnapshotContext): Promise<ChannelSnapshot<Data>> {
  note({ channel, gap, step: "loading", failure: "" });
  try {
    // Tasks are different ones for everybody.
    const whose = channel === "jobs" ? `?user=${guest}` : "";
    const response = await fetch(`/api/snapshot/${channel}${whose}`, { signal });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const snapshot = (await response.json()) as ChannelSnapshot<Data>;
    note({ channel, gap, step: "done", failure: "" });
    return snapshot;
  } catch (error) {
    // Given up for another one that follows: that one will tell.
    const isReplaced = signal.aborted && signal.reason?.name === "AbortError";
    if (!isReplaced) note({ channel, gap, step: "failed", failure: (error as Error).message });
    throw error;
  }
}
