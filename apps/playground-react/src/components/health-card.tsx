import { channelFiguresOf, type Figure, figuresOf } from "playground-shared/health-figures";
import { SAMPLE_MS } from "playground-shared/steps";
import { useClient } from "../use-client.ts";
import { useNow } from "../use-now.ts";
import { useSampled } from "../use-sampled.ts";

/** @param subscribed - the channels that something on the page shows */
export function HealthCard({ subscribed }: { subscribed: readonly string[] }) {
  const stats = useSampled(useClient().stats);
  const now = useNow(SAMPLE_MS);
  return (
    <section className="card" aria-labelledby="health-heading">
      <div className="card-header">
        <h3 id="health-heading">Health</h3>
        <p className="hint">since this page was opened</p>
      </div>
      <div className="card-body">
        <dl className="figures" aria-label="Figures of this page">
          {figuresOf(stats, now).map((figure) => (
            <FigureItem key={figure.name} figure={figure} />
          ))}
        </dl>
        <table className="channels" aria-label="Channels">
          <thead>
            <tr>
              <th scope="col">Channel</th>
              <th scope="col">Subscribed</th>
              <th scope="col">Messages</th>
            </tr>
          </thead>
          <tbody>
            {channelFiguresOf(stats, subscribed).map(({ name, isSubscribed, messages }) => (
              <tr key={name} data-testid={`channel-${name}`} data-subscribed={isSubscribed}>
                <th scope="row">{name}</th>
                <td>{isSubscribed ? "Yes" : "No"}</td>
                <td>{messages}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function FigureItem({ figure: { name, label, text } }: { figure: Figure }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd data-testid={`stat-${name}`}>{text}</dd>
    </div>
  );
}
