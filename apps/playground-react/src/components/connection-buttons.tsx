import type { ConnectionState } from "@x/sse-react";
import { useClient } from "../use-client.ts";
import { Icon, type IconName } from "./icon.tsx";

const REASON = "you";

export function ConnectionButtons({ state }: { state: ConnectionState }) {
  const { status, cause, pausedBy } = state;
  const { connect, disconnect, reconnect, pause, resume } = useClient();
  const isStopped = status === "closed" || status === "idle";
  const isPaused = pausedBy.includes(REASON);
  // While reconnecting it means: now, not later. What the server has asked to wait cannot be cut short.
  const canConnect = isStopped || (status === "reconnecting" && cause?.retryAfterMs === undefined);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields
    <div className="button-row" role="group" aria-label="Connection">
      <Command name="connect" label="Connect" icon="link" isUseful={canConnect} run={connect} isPrimary />
      <Command name="disconnect" label="Disconnect" icon="cross" isUseful={!isStopped} run={disconnect} />
      <Command name="reconnect" label="Reconnect" icon="refresh" isUseful={status === "open"} run={reconnect} />
      <Command
        name="pause-stream"
        label={isPaused ? "Resume" : "Pause"}
        otherLabel={isPaused ? "Pause" : "Resume"}
        icon={isPaused ? "play" : "pause"}
        isUseful={isPaused || !isStopped}
        run={() => (isPaused ? resume(REASON) : pause(REASON))}
      />
    </div>
  );
}

interface CommandProps {
  readonly name: string;
  readonly label: string;
  /** Laid out too, so that the button keeps its width. */
  readonly otherLabel?: string;
  readonly icon: IconName;
  readonly isUseful: boolean;
  readonly isPrimary?: boolean;
  readonly run: () => void;
}

/** `aria-disabled` in place of `disabled`, which would take the focus away from whoever just pressed the button. */
function Command({ name, label, otherLabel, icon, isUseful, isPrimary = false, run }: CommandProps) {
  return (
    <button
      type="button"
      className={isPrimary ? "button button-primary" : "button"}
      data-testid={`btn-${name}`}
      aria-disabled={!isUseful}
      onClick={() => isUseful && run()}
    >
      <Icon name={icon} />
      <span className="button-labels">
        <span className="button-label" data-shown={true}>
          {label}
        </span>
        {otherLabel && (
          <span className="button-label" data-shown={false} aria-hidden={true}>
            {otherLabel}
          </span>
        )}
      </span>
    </button>
  );
}
