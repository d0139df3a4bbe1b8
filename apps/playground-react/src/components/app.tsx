import { useReadable } from "@x/sse-react";
import { serverShown } from "playground-shared/server-screen";
import { useState } from "react";
import { AppHeader } from "./app-header.tsx";
import { ConnectionCard } from "./connection-card.tsx";
import { FaultCard } from "./fault-card.tsx";
import { GapNotices } from "./gap-notices.tsx";
import { HealthCard } from "./health-card.tsx";
import { MessageLog } from "./message-log.tsx";
import { RawFrames } from "./raw-frames.tsx";
import { ServerScreen } from "./server-screen.tsx";
import { ServiceBoard } from "./service-board.tsx";
import { TickerTable } from "./ticker-table.tsx";

export function App() {
  const [watchesServices, setWatchesServices] = useState(true);
  const isServerShown = useReadable(serverShown);
  const subscribed = ["ticker", ...(watchesServices ? ["services"] : []), ...(isServerShown ? ["server", "jobs"] : [])];
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <AppHeader />
      <main id="main" className="page" tabIndex={-1}>
        <section id="connection" className="screen" aria-labelledby="connection-heading">
          <h2 id="connection-heading">Connection</h2>
          <div className="columns">
            <ConnectionCard />
            <HealthCard subscribed={subscribed} />
            <FaultCard />
            <MessageLog />
            <RawFrames />
          </div>
        </section>
        <section id="trading" className="screen" aria-labelledby="trading-heading">
          <h2 id="trading-heading">Trading</h2>
          <div className="columns columns-wide">
            <TickerTable />
            <ServiceBoard isWatched={watchesServices} onWatch={setWatchesServices} />
          </div>
        </section>
        <ServerScreen />
      </main>
      <GapNotices />
      <footer className="page-footer">
        <p>Prices and services are made up by the playground server; its own figures are real.</p>
        <a href="/">All playgrounds</a>
      </footer>
    </>
  );
}
