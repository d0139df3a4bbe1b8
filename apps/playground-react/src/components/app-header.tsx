import { useSSE } from "@x/sse-react";
import { formatTime } from "playground-shared/format";
import { labelOf } from "playground-shared/wording";
import { useClient } from "../use-client.ts";

export function AppHeader() {
  return (
    <header className="app-header">
      <div className="app-header-inner">
        <h1 className="brand">
          <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect width="32" height="32" rx="8" />
            <path d="M5 17h5l3-8 5 15 3.5-7H27" />
          </svg>
          <span>Live playground</span>
          <span className="tag">React</span>
        </h1>
        <nav className="app-nav" aria-label="Screens">
          <a href="#connection">Connection</a>
          <a href="#trading">Trading</a>
          <a href="#server">Server</a>
        </nav>
        <LastMessage />
      </div>
    </header>
  );
}

function LastMessage() {
  const { state, message } = useSSE(useClient());
  return (
    <p className="last-message" data-status={state.status} data-stale={state.stale}>
      <span className="dot" aria-hidden="true" />
      <span>{labelOf(state)}</span>
      <span className="last-message-time">{message ? formatTime(message.receivedAt) : "--:--:--"}</span>
    </p>
  );
}
