import type { ConnectionStatus } from "@x/sse-react";
import { useClient } from "../client.ts";
import { Icon, type IconName } from "./icon.tsx";

export function ConnectionButtons({ status }: { status: ConnectionStatus }) {
  const { connect, disconnect } = useClient();
  const isStopped = status === "closed" || status === "idle";
  // While reconnecting it means: now, not later.
  const canConnect = isStopped || status === "reconnecting";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields
    <div className="button-row" role="group" aria-labelledby="connection-buttons-label">
      <p id="connection-buttons-label" className="button-row-label">
        Connection
      </p>
      <Command name="connect" label="Connect" icon="link" isUseful={canConnect} run={connect} isPrimary />
      <Command name="disconnect" label="Disconnect" icon="cross" isUseful={!isStopped} run={disconnect} />
    </div>
  );
}

interface CommandProps {
  readonly name: string;
  readonly label: string;
  readonly icon: IconName;
  readonly isUseful: boolean;
  readonly isPrimary?: boolean;
  readonly run: () => void;
}

/** `aria-disabled` in place of `disabled`, which would take the focus away from whoever just pressed the button. */
function Command({ name, label, icon, isUseful, isPrimary = false, run }: CommandProps) {
  return (
    <button
      type="button"
      className={isPrimary ? "button button-primary" : "button"}
      data-testid={`btn-${name}`}
      aria-disabled={!isUseful}
      onClick={() => isUseful && run()}
    >
      <Icon name={icon} />
      {label}
    </button>
  );
}
