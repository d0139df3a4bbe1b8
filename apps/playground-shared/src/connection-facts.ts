import type { ConnectionState } from "@x/sse-core";
import { formatSeconds, formatTime } from "./format.ts";
import type { SnapshotReports } from "./snapshots.ts";
import { describeResume } from "./wording.ts";

/** A line of what is known about the connection. */
export interface Fact {
  readonly name: string;
  readonly testId: string;
  readonly text: string;
  /** The same as a code, where there is one. */
  readonly value?: string | undefined;
}

/**
 * @param reports - what became of the snapshots
 * @param retryInMs - time left until the next attempt; `null` for none
 */
export function factsOf(state: ConnectionState, reports: SnapshotReports, retryInMs: number | null): readonly Fact[] {
  const { attempt, openedAt, resume, lastEventId } = state;
  const isHealed = resume?.type === "gap" && resume.channels.every((name) => reports.get(name)?.step === "done");
  return [
    { name: "Failed attempts", testId: "attempt", text: attempt === 0 ? "–" : `${attempt}` },
    { name: "Next retry", testId: "next-retry", text: retryInMs === null ? "–" : `in ${formatSeconds(retryInMs)}` },
    { name: "Opened", testId: "opened", text: openedAt === null ? "–" : formatTime(openedAt) },
    { name: "Resume", testId: "resume", text: describeResume(resume, isHealed), value: resume?.type },
    { name: "Last event id", testId: "last-event-id", text: lastEventId || "–" },
  ];
}
