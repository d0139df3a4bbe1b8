import type { Metric } from "./exposition.ts";
import { metricsOf } from "./hub-metrics.ts";
import type { HubStats } from "./stats.ts";

/** Where the callback of a meter puts its values. */
interface MeterResult {
  observe(instrument: unknown, value: number, attributes?: Record<string, string>): void;
}

/** Called by a meter whenever it collects. */
type MeterCallback = (result: MeterResult) => void;

/** The part of `Meter` of `@opentelemetry/api` that is used. */
export interface MeterLike {
  createObservableGauge(name: string, options?: { description?: string; unit?: string }): unknown;
  createObservableCounter(name: string, options?: { description?: string; unit?: string }): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: what a meter hands out it takes back, whatever its type.
  addBatchObservableCallback(callback: MeterCallback, instruments: any[]): void;
  // biome-ignore lint/suspicious/noExplicitAny: what a meter hands out it takes back, whatever its type.
  removeBatchObservableCallback(callback: MeterCallback, instruments: any[]): void;
}

/**
 * Reports the figures of `hub.metrics()` to an OpenTelemetry meter, as `sse.connections` and so on, each time it collects.
 * In place of the histogram it reports `sse.broadcasts` and `sse.broadcast_time` (seconds in all). Each hub needs
 * a meter of its own, or one takes the place of the other. Returns what ends it.
 *
 * @example
 * const stop = observeWithMeter(hub, metrics.getMeter("my-server"));
 */
export function observeWithMeter(hub: { stats(): HubStats }, meter: MeterLike): () => void {
  const instruments = new Map<string, unknown>();
  for (const { name, kind, help, unit } of figuresOf(hub.stats())) {
    const options = { description: help, ...(unit ? { unit } : {}) };
    const create = kind === "gauge" ? "createObservableGauge" : "createObservableCounter";
    instruments.set(name, meter[create](`sse.${name}`, options));
  }

  const observe: MeterCallback = (result) => {
    for (const { name, values } of figuresOf(hub.stats())) {
      const instrument = instruments.get(name);
      if (typeof values === "number") result.observe(instrument, values);
      else for (const [reason, value] of Object.entries(values)) result.observe(instrument, value, { reason });
    }
  };

  const observed = [...instruments.values()];
  meter.addBatchObservableCallback(observe, observed);
  return () => meter.removeBatchObservableCallback(observe, observed);
}

function figuresOf(stats: HubStats): readonly Metric[] {
  const { count, seconds } = stats.broadcasts;
  return [
    ...metricsOf(stats),
    { name: "broadcasts", kind: "counter", help: "Times published events were written to all streams.", values: count },
    { name: "broadcast_time", kind: "counter", help: "Time it took to write them.", unit: "s", values: seconds },
  ];
}
