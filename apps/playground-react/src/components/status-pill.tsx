import type { ConnectionState, ConnectionStatus } from "@x/sse-react";
import { labelOf } from "playground-shared/wording";
import { Icon, type IconName } from "./icon.tsx";

const icons: Readonly<Record<ConnectionStatus, IconName>> = {
  idle: "dots",
  connecting: "refresh",
  open: "check",
  reconnecting: "refresh",
  paused: "pause",
  closed: "cross",
};

export function StatusPill({ state }: { state: ConnectionState }) {
  const { status, stale } = state;
  return (
    <p className="pill" role="status" data-testid="status" data-status={status} data-stale={stale}>
      <Icon name={stale ? "warning" : icons[status]} />
      {labelOf(state)}
    </p>
  );
}
