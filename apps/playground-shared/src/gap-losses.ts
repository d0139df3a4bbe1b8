import type { GapReason, SSEClient } from "@x/sse-core";
import type { AppChannels } from "./client.ts";
import { formatTime } from "./format.ts";
import type { IconName } from "./icons.ts";
import type { SnapshotReport, SnapshotReports } from "./snapshots.ts";
import { gapReasons } from "./wording.ts";

/** What was lost at once, usually on several channels, and what became of it. */
export interface Loss {
  /** No other loss has it. */
  readonly key: string;
  /** Why; `undefined` where the first picture did not come. */
  readonly reason: GapReason | undefined;
  readonly step: SnapshotReport["step"];
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  /** Channels whose snapshots could not be loaded. */
  readonly failed: readonly string[];
}

const titles: Readonly<Record<SnapshotReport["step"], string>> = {
  loading: "Some updates were lost",
  done: "Healed by snapshot",
  failed: "Some updates may be missing",
};
const icons: Readonly<Record<SnapshotReport["step"], IconName>> = {
  loading: "refresh",
  done: "check",
  failed: "warning",
};

const keyOf = ({ gap, at }: SnapshotReport) => (gap ? `${gap.reason} ${gap.from} ${gap.to}` : `first ${at}`);

export function lossesOf(reports: SnapshotReports): readonly Loss[] {
  // The first picture is worth a word only where it did not come.
  const notable = [...reports.values()].filter(({ gap, step }) => gap || step === "failed");
  const losses = new Map<string, SnapshotReport[]>();
  for (const report of notable) losses.set(keyOf(report), [...(losses.get(keyOf(report)) ?? []), report]);
  return [...losses].map(([key, ofLoss]) => toLoss(key, ofLoss));
}

function toLoss(key: string, reports: readonly SnapshotReport[]): Loss {
  const failed = reports.filter(({ step }) => step === "failed");
  const isLoading = reports.some(({ step }) => step === "loading");
  const step = failed.length > 0 ? "failed" : isLoading ? "loading" : "done";
  const reason = reports[0]?.gap?.reason;
  const outcomes: Readonly<Record<SnapshotReport["step"], string>> = {
    loading: `The page loads ${list(reports)} anew.`,
    done: `At ${timeOf(reports)} the page loaded ${list(reports)} anew; nothing shown is old.`,
    failed: `A snapshot of ${list(failed)} could not be loaded: ${failed[0]?.failure}. Each line is right with its next update.`,
  };
  return {
    key,
    reason,
    step,
    icon: icons[step],
    title: titles[step],
    text: `${reason ? `${gapReasons[reason]} ` : ""}${outcomes[step]}`,
    failed: failed.map(({ channel }) => channel),
  };
}

const and = new Intl.ListFormat("en");
const list = (reports: readonly SnapshotReport[]) => and.format(reports.map(({ channel }) => channel));
const timeOf = (reports: readonly SnapshotReport[]) => formatTime(Math.max(...reports.map(({ at }) => at)));

/** @returns the keys to remember as dismissed: this one, and those of losses that can still be shown */
export function dismiss(key: string, dismissed: readonly string[], losses: readonly Loss[]): readonly string[] {
  return [...dismissed.filter((other) => losses.some((loss) => loss.key === other)), key];
}

/** Has the snapshots that could not be loaded loaded again. */
export function loadAgain(client: SSEClient<AppChannels>, { failed }: Loss): void {
  // A new subscriber has what is missing loaded again; those that are there already stay.
  for (const name of failed) client.channel(name as keyof AppChannels).on(() => {})();
}
