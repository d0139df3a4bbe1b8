import { useChannel, useReadable } from "@x/sse-react";
import { describeNoFigures, figureLinks, type ServerFigure, serverFiguresOf } from "playground-shared/server-figures";
import { useClient } from "../use-client.ts";
import { Freshness } from "./freshness.tsx";

const nothing = () => null;

export function ServerCard() {
  const client = useClient();
  const latest = useReadable(client.channel("server").state).get("figures");
  const { loading, error, gap } = useChannel(client, "server", nothing);
  const placeholder = describeNoFigures(loading, error, latest !== undefined);
  return (
    <section className="card" aria-labelledby="server-heading">
      <div className="card-header">
        <h3 id="server-heading">Server</h3>
        <p className="hint">every two seconds</p>
        <Freshness channel="server" gap={gap} />
      </div>
      <div className="card-body">
        {placeholder && <p className="card-note">{placeholder}</p>}
        <dl className="figures figures-server" aria-label="Figures of the server" aria-busy={loading}>
          {serverFiguresOf(latest).map((figure) => (
            <FigureItem key={figure.name} figure={figure} isLoading={loading} />
          ))}
        </dl>
      </div>
      <p className="card-footer card-links">
        {figureLinks.map(({ href, label }) => (
          <a key={href} href={href}>
            {label}
          </a>
        ))}
      </p>
    </section>
  );
}

function FigureItem({ figure, isLoading }: { figure: ServerFigure; isLoading: boolean }) {
  const { name, label, text } = figure;
  return (
    <div>
      <dt>{label}</dt>
      <dd data-testid={`server-${name}`}>{text || (isLoading ? <span className="skeleton-bar" /> : "–")}</dd>
    </div>
  );
}
