import { useChannel, useReadable } from "@x/sse-react";
import { listings } from "playground-server/listings";
import { COLUMNS, describeNoQuotes, sortQuotes } from "playground-shared/ticker";
import { useClient } from "../use-client.ts";
import { useOldRows } from "../use-old-rows.ts";
import { Freshness } from "./freshness.tsx";
import { TickerRow } from "./ticker-row.tsx";

const nothing = () => null;

export function TickerTable() {
  const client = useClient();
  const quotes = useReadable(client.channel("ticker").state);
  const { loading, error, gap } = useChannel(client, "ticker", nothing);
  const isOld = useOldRows(quotes, gap);
  const sorted = sortQuotes(quotes);
  const placeholder = describeNoQuotes(loading, error);
  return (
    <section className="card" aria-labelledby="ticker-heading">
      <div className="card-header">
        <h3 id="ticker-heading">Ticker</h3>
        <Freshness channel="ticker" gap={gap} />
      </div>
      <table className="ticker" aria-labelledby="ticker-heading" aria-busy={loading}>
        <thead>
          <tr>
            <th scope="col">Symbol</th>
            <th scope="col">Price</th>
            <th scope="col">Change</th>
            <th scope="col">Updated</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((quote) => (
            <TickerRow key={quote.symbol} quote={quote} isOld={isOld(quote.symbol, quote)} />
          ))}
          {sorted.length === 0 && (placeholder === null ? <SkeletonRows /> : <MessageRow text={placeholder} />)}
        </tbody>
      </table>
    </section>
  );
}

function SkeletonRows() {
  return listings.map(({ symbol }, index) => (
    <tr key={symbol} className="skeleton" data-testid="ticker-skeleton" aria-hidden={index > 0}>
      <td colSpan={COLUMNS}>
        <span className="skeleton-bar">{index === 0 && <span className="visually-hidden">Loading prices</span>}</span>
      </td>
    </tr>
  ));
}

function MessageRow({ text }: { text: string }) {
  return (
    <tr className="table-message" data-testid="ticker-message">
      <td colSpan={COLUMNS}>{text}</td>
    </tr>
  );
}
