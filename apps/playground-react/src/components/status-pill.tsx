import type { ConnectionState } from "@x/sse-react";
import { iconOf } from "playground-shared/connection-look";
import { labelOf } from "playground-shared/wording";
import { Icon } from "./icon.tsx";

export function StatusPill({ state }: { state: ConnectionState }) {
  return (
    <p className="pill" role="status" data-testid="status" data-status={state.status} data-stale={state.stale}>
      <Icon name={iconOf(state)} />
      {labelOf(state)}
    </p>
  );
}
