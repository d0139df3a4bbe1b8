import { useChannel, useReadable } from "@x/sse-react";
import { describeFigures, figureLinks, type ServerFigure, serverFiguresOf } from "playground-shared/server-figures";
import { useClient } from "../use-client.ts";
import { Freshness } from "./freshness.tsx";

const nothing = () => null;

export function ServerCard() {
  const client = useClient();
  const latest = useReadable(client.channel("server").state).get("figures");
  const { loading, error, gap } = useChannel(client, "server", nothing);
  return (
    <section className="card" aria-labelledby="server-heading">
      <div className="card-header">
        <h3 id="server-heading">Server</h3>
        <p className="hint">{describeFigures(error)}</p>
        <Freshness channel="server" gap={gap} />
      </div>
      <div className="card-body">
        <dl className="figures figures-server" aria-label="Figures of the server" aria-busy={loading}>
          {serverFiguresOf(latest).map((figure) => (
            <FigureItem key={figure.name} figure={figure} isFailed={error !== null} />
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

function FigureItem({ figure, isFailed }: { figure: ServerFigure; isFailed: boolean }) {
  const { name, label, text } = figure;
  return (
    <div>
      <dt>{label}</dt>
      <dd data-testid={`server-${name}`}>{text || (isFailed ? "–" : <span className="skeleton-bar" />)}</dd>
    </div>
  );
}
