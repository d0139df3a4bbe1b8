import type { Stats } from "@x/sse-react";
import { channelNames } from "playground-server/channels";
import { formatAge, formatBytes, formatInteger } from "playground-shared/format";
import { useClient } from "../use-client.ts";
import { useNow } from "../use-now.ts";
import { useSampled } from "../use-sampled.ts";

const counters = [
  ["messages", "Messages"],
  ["connects", "Streams"],
  ["reconnects", "Reconnects"],
  ["duplicates", "Duplicates"],
  ["gaps", "Gaps"],
  ["invalid", "Invalid"],
] as const satisfies readonly (readonly [keyof Stats, string])[];

const STEP_MS = 250;

/** @param subscribed - the channels that something on the page shows */
export function HealthCard({ subscribed }: { subscribed: readonly string[] }) {
  const stats = useSampled(useClient().stats);
  const now = useNow(STEP_MS);
  const ageOf = (time: number | null) => (time === null ? "–" : formatAge(now - time));
  return (
    <section className="card" aria-labelledby="health-heading">
      <div className="card-header">
        <h3 id="health-heading">Health</h3>
        <p className="hint">since this page was opened</p>
      </div>
      <div className="card-body">
        <dl className="figures" aria-label="Figures of this page">
          <Figure name="bytes" label="Received" text={formatBytes(stats.bytes)} />
          <Figure name="last-byte" label="Last byte" text={ageOf(stats.lastByteAt)} />
          <Figure name="last-message" label="Last message" text={ageOf(stats.lastMessageAt)} />
          <Figure
            name="latency"
            label="Latency"
            text={stats.latencyMs === null ? "–" : `${formatInteger(Math.max(0, Math.round(stats.latencyMs)))} ms`}
          />
          {counters.map(([name, label]) => (
            <Figure key={name} name={name} label={label} text={formatInteger(stats[name])} />
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
            {channelNames.map((name) => (
              <tr key={name} data-testid={`channel-${name}`} data-subscribed={subscribed.includes(name)}>
                <th scope="row">{name}</th>
                <td>{subscribed.includes(name) ? "Yes" : "No"}</td>
                <td>{formatInteger(stats.channels[name] ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Figure({ name, label, text }: { name: string; label: string; text: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd data-testid={`stat-${name}`}>{text}</dd>
    </div>
  );
}
