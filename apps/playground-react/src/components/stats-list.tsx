import { type Stats, useReadable } from "@x/sse-react";
import { useClient } from "../client.ts";
import { formatBytes, formatInteger } from "../format.ts";

const figures = [
  ["bytes", "Received"],
  ["messages", "Messages"],
  ["connects", "Connects"],
  ["duplicates", "Duplicates"],
  ["gaps", "Gaps"],
  ["invalid", "Invalid"],
] as const satisfies readonly (readonly [keyof Stats, string])[];

export function StatsList() {
  const stats = useReadable(useClient().stats);
  return (
    <dl className="figures" aria-label="Figures of this page">
      {figures.map(([name, label]) => (
        <div key={name}>
          <dt>{label}</dt>
          <dd data-testid={`stat-${name}`}>
            {name === "bytes" ? formatBytes(stats.bytes) : formatInteger(stats[name])}
          </dd>
        </div>
      ))}
    </dl>
  );
}
