import type { ConnectionStatus } from "@x/sse-react";
import { statusLabels } from "../wording.ts";
import { Icon, type IconName } from "./icon.tsx";

const icons: Readonly<Record<ConnectionStatus, IconName>> = {
  idle: "dots",
  connecting: "refresh",
  open: "check",
  reconnecting: "refresh",
  closed: "cross",
};

export function StatusPill({ status }: { status: ConnectionStatus }) {
  return (
    <p className="pill" role="status" data-testid="status" data-status={status}>
      <Icon name={icons[status]} />
      {statusLabels[status]}
    </p>
  );
}
