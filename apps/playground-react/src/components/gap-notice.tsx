import type { Loss } from "playground-shared/gap-losses";
import { Icon } from "./icon.tsx";

interface GapNoticeProps {
  readonly loss: Loss;
  readonly onDismiss: () => void;
  readonly onTryAgain: () => void;
}

export function GapNotice({ loss, onDismiss, onTryAgain }: GapNoticeProps) {
  const { reason, step, icon, title, text } = loss;
  return (
    <div className="notice" data-testid="gap" data-reason={reason} data-step={step}>
      <Icon name={icon} />
      <div className="notice-text">
        <p className="notice-title">{title}</p>
        <p>{text}</p>
      </div>
      <div className="notice-buttons">
        {step === "failed" && (
          <button type="button" className="button" data-testid="gap-retry" onClick={onTryAgain}>
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
