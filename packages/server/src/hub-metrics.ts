import { encodeHistogram, encodeMetric, type Metric } from "./exposition.ts";
import type { HubStats } from "./stats.ts";

const BACKPLANE_STATES = Object.freeze({ up: 0, degraded: 1, down: 2 });

/** The figures of a hub. Nothing in them comes from a client, as each new label value is a new series for ever. */
export function metricsOf(stats: HubStats): readonly Metric[] {
  const counter = (name: string, help: string, values: Metric["values"]): Metric => ({
    name,
    kind: "counter",
    help,
    values,
  });
  const gauge = (name: string, help: string, values: number): Metric => ({ name, kind: "gauge", help, values });
  const { history } = stats;
  return [
    gauge("connections", "Streams open now.", stats.connections),
    gauge("users", "Users with a stream that is open now.", stats.users),
    counter("connects", "Streams opened.", stats.connects),
    counter("closes", "Streams that are over, by reason.", stats.closes),
    counter("refused", "Requests turned down or away, by reason.", stats.refused),
    counter("events_published", "Events published through this hub.", stats.published),
    counter("deliveries", "Events written, one per event and stream or answered poll.", stats.deliveries),
    { ...counter("bytes", "Bytes written to all streams.", stats.bytes), unit: "By" },
    counter("replay_events", "Events that streams were due when they were opened.", stats.replayed),
    counter("gaps", "Gaps announced, by reason.", stats.gaps),
    counter("slow_disconnects", "Streams dropped because their peer took nothing.", stats.slowDisconnects),
    counter("ephemeral_dropped", "Events without an id that streams missed, being behind.", stats.ephemeralDropped),
    { ...gauge("history_bytes", "Bytes held to be replayed.", history.bytes), unit: "By" },
    gauge("history_channels", "Channels remembered.", history.channels),
    { ...gauge("mailbox_bytes", "Bytes of addressed events held to be replayed.", stats.mailboxes.bytes), unit: "By" },
    gauge("mailbox_users", "Users whose events are remembered.", stats.mailboxes.users),
    { ...gauge("buffered_bytes", "Bytes that peers have not taken yet.", stats.bufferedBytes), unit: "By" },
    gauge("backplane_state", "How the log is: 0 up, 1 degraded, 2 down.", BACKPLANE_STATES[stats.status]),
  ];
}

/** The figures of a hub in the Prometheus text format 0.0.4. */
export function encodeMetrics(stats: HubStats): string {
  const { count, seconds, buckets } = stats.broadcasts;
  const durations = { count, sum: seconds, buckets };
  const help = "How long it took to write published events to all streams.";
  return metricsOf(stats).map(encodeMetric).join("") + encodeHistogram("broadcast_seconds", help, durations);
}
