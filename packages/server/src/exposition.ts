import type { HistogramSnapshot } from "./histogram.ts";

/** A figure that has a name, with one value or one for each reason. */
export interface Metric {
  /** Lower case, with underscores, without prefix and without `_total`. */
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly help: string;
  readonly unit?: "By" | "s";
  readonly values: number | Readonly<Record<string, number>>;
}

/** A metric in the Prometheus text format 0.0.4. The names of counters end in `_total`. */
export function encodeMetric({ name: bare, kind, help, values }: Metric): string {
  const name = kind === "counter" ? `sse_${bare}_total` : `sse_${bare}`;
  const samples =
    typeof values === "number"
      ? [sample(name, values)]
      : Object.entries(values).map(([reason, value]) => sample(`${name}{reason="${escapeLabel(reason)}"}`, value));
  return head(name, kind, help) + samples.join("");
}

/** A histogram in the Prometheus text format 0.0.4. */
export function encodeHistogram(bare: string, help: string, { count, sum, buckets }: HistogramSnapshot): string {
  const name = `sse_${bare}`;
  const samples = buckets.map((bucket) => sample(`${name}_bucket{le="${bucket.le}"}`, bucket.count));
  samples.push(sample(`${name}_bucket{le="+Inf"}`, count), sample(`${name}_sum`, sum), sample(`${name}_count`, count));
  return head(name, "histogram", help) + samples.join("");
}

function head(name: string, kind: string, help: string): string {
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n`;
}

function sample(series: string, value: number): string {
  return `${series} ${value}\n`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
