import { formatTime } from "playground-shared/format";
import type { SnapshotReport } from "playground-shared/snapshots";
import { gapReasons } from "playground-shared/wording";
import { Icon, type IconName } from "./icon.tsx";

interface GapNoticeProps {
  /** Of the channels that have lost the same; at least one. */
  readonly reports: readonly SnapshotReport[];
  readonly onDismiss: () => void;
  readonly onTryAgain: (failed: readonly SnapshotReport[]) => void;
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

export function GapNotice({ reports, onDismiss, onTryAgain }: GapNoticeProps) {
  const failed = reports.filter(({ step }) => step === "failed");
  const loading = reports.filter(({ step }) => step === "loading");
  const step = failed.length > 0 ? "failed" : loading.length > 0 ? "loading" : "done";
  const gap = reports[0]?.gap;
  const channels = list(reports);
  return (
    <div className="notice" data-testid="gap" data-reason={gap?.reason} data-step={step}>
      <Icon name={icons[step]} />
      <div className="notice-text">
        <p className="notice-title">{titles[step]}</p>
        <p>
          {gap && `${gapReasons[gap.reason]} `}
          {step === "loading" && `The page loads ${channels} anew.`}
          {step === "done" && `At ${timeOf(reports)} the page loaded ${channels} anew; nothing shown is old.`}
          {step === "failed" &&
            `A snapshot of ${list(failed)} could not be loaded: ${failed[0]?.failure}. Each line is right with its next update.`}
        </p>
      </div>
      <div className="notice-buttons">
        {step === "failed" && (
          <button type="button" className="button" data-testid="gap-retry" onClick={() => onTryAgain(failed)}>
            Try again
          </button>
        )}
        <button type="button" className="button button-icon" data-testid="gap-dismiss" onClick={onDismiss}>
          <Icon name="cross" />
          <span className="visually-hidden">Dismiss</span>
        </button>
      </div>
    </div>
  );
}

const list = (reports: readonly SnapshotReport[]) => reports.map(({ channel }) => channel).join(" and ");
const timeOf = (reports: readonly SnapshotReport[]) => formatTime(Math.max(...reports.map(({ at }) => at)));
