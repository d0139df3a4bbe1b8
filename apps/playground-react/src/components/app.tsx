import { AppHeader } from "./app-header.tsx";
import { ConnectionCard } from "./connection-card.tsx";
import { GapNotices } from "./gap-notices.tsx";
import { MessageLog } from "./message-log.tsx";
import { ServiceBoard } from "./service-board.tsx";
import { TickerTable } from "./ticker-table.tsx";

export function App() {
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <AppHeader />
      <main id="main" className="page" tabIndex={-1}>
        <GapNotices />
        <section id="connection" className="screen" aria-labelledby="connection-heading">
          <h2 id="connection-heading">Connection</h2>
          <div className="columns">
            <ConnectionCard />
            <MessageLog />
          </div>
        </section>
        <section id="trading" className="screen" aria-labelledby="trading-heading">
          <h2 id="trading-heading">Trading</h2>
          <div className="columns columns-wide">
            <TickerTable />
            <ServiceBoard />
          </div>
        </section>
      </main>
      <footer className="page-footer">
        <p>All figures are made up by the playground server.</p>
        <a href="/">All playgrounds</a>
      </footer>
    </>
  );
}
