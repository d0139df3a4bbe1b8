import { DiagLogLevel, diag, type Meter, metrics } from "@opentelemetry/api";
import { DataPointType, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Hub, observeWithMeter } from "../src/index.ts";
import { createFakeResponse } from "./support/fake-response.ts";
import { connect, createTestHub, settle } from "./support/test-hub.ts";

/** Collects when it is asked to. */
class ManualReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const shutDowns: (() => Promise<void>)[] = [];

function createPipeline() {
  const reader = new ManualReader();
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  // What it complains of is told here and nowhere else.
  const complaint = vi.fn();
  diag.setLogger(
    { error: complaint, warn: complaint, info() {}, debug() {}, verbose() {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  shutDowns.push(() => provider.shutdown());

  async function collect(scope: string) {
    const { resourceMetrics, errors } = await reader.collect();
    expect(errors).toEqual([]);
    const { metrics: data = [] } = resourceMetrics.scopeMetrics.find((each) => each.scope.name === scope) ?? {};
    return data.filter(({ dataPoints }) => dataPoints.length > 0);
  }
  return { complaint, collect };
}

afterEach(async () => {
  metrics.disable();
  diag.disable();
  for (const shutDown of shutDowns.splice(0)) await shutDown();
});

/** A meter of the API is taken as it is. */
const observe = (hub: Hub, meter: Meter) => observeWithMeter(hub, meter);

describe("the SDK of OpenTelemetry", () => {
  // SPEC 136
  it("collects every figure, with its kind, unit and value", async () => {
    const { complaint, collect } = createPipeline();
    const { hub, environment } = createTestHub({
      authorize: ({ query }) => (query.has("no") ? null : { user: "ann" }),
    });
    observe(hub, metrics.getMeter("my-server"));
    const slow = createFakeResponse();
    connect(hub, "?channels=a");
    connect(hub, "?channels=a", undefined, {}, slow);
    connect(hub, "?no");
    connect(hub).res.leave();
    await settle();
    slow.stalled = true;
    await hub.publish("a", "x".repeat(100));
    environment.endTick();

    const data = await collect("my-server");
    const facts = data.map(({ descriptor: { name, unit }, ...each }) => ({
      name,
      kind:
        each.dataPointType === DataPointType.GAUGE ? "gauge" : "isMonotonic" in each && each.isMonotonic && "counter",
      unit,
      values: Object.fromEntries(each.dataPoints.map(({ attributes, value }) => [attributes["reason"] ?? "", value])),
    }));
    const { bytes, bufferedBytes, gaps, history, mailboxes, refused, closes } = hub.stats();
    expect(bytes).toBeGreaterThan(200);
    expect(bufferedBytes).toBeGreaterThan(100);
    const gauge = (name: string, value: number, unit = "") => ({ name, kind: "gauge", unit, values: { "": value } });
    const counter = (name: string, value: number, unit = "") => ({ ...gauge(name, value, unit), kind: "counter" });
    expect(facts.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
      [
        gauge("sse.backplane_state", 0),
        counter("sse.broadcast_time", 0, "s"),
        counter("sse.broadcasts", 1),
        gauge("sse.buffered_bytes", bufferedBytes, "By"),
        counter("sse.bytes", bytes, "By"),
        { ...counter("sse.closes", 0), values: closes },
        counter("sse.connects", 2),
        gauge("sse.connections", 2),
        counter("sse.deliveries", 2),
        counter("sse.ephemeral_dropped", 0),
        counter("sse.events_published", 1),
        { ...counter("sse.gaps", 0), values: gaps },
        gauge("sse.history_bytes", history.bytes, "By"),
        gauge("sse.history_channels", 1),
        gauge("sse.mailbox_bytes", mailboxes.bytes, "By"),
        gauge("sse.mailbox_users", 0),
        { ...counter("sse.refused", 0), values: { ...refused, forbidden: 1 } },
        counter("sse.replay_events", 0),
        counter("sse.slow_disconnects", 0),
        gauge("sse.users", 1),
      ].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
    expect(complaint).not.toHaveBeenCalled();
  });

  // SPEC 136
  it("sees counters grow and gauges fall, and nothing new after the end", async () => {
    const { complaint, collect } = createPipeline();
    const { hub } = createTestHub();
    const stop = observe(hub, metrics.getMeter("my-server"));
    const valuesOf = async () => {
      const data = await collect("my-server");
      const figure = (name: string) => data.find(({ descriptor }) => descriptor.name === name)?.dataPoints[0]?.value;
      return [figure("sse.connections"), figure("sse.connects")];
    };
    const streams = [connect(hub), connect(hub)];
    expect(await valuesOf()).toEqual([2, 2]);
    streams[0]!.res.leave();
    connect(hub).res.leave();
    expect(await valuesOf()).toEqual([1, 3]);
    stop();
    connect(hub);
    // What it has seen last it goes on telling.
    expect(await valuesOf()).toEqual([1, 3]);
    expect(complaint).not.toHaveBeenCalled();
  });

  // SPEC 136
  it("keeps two hubs apart by their meters", async () => {
    const { collect } = createPipeline();
    const hubs = [createTestHub().hub, createTestHub().hub];
    for (const [index, hub] of hubs.entries()) observe(hub, metrics.getMeter(`hub-${index}`));
    connect(hubs[0]!);
    for (const [index, value] of [1, 0].entries()) {
      const data = await collect(`hub-${index}`);
      expect(data.find(({ descriptor }) => descriptor.name === "sse.connections")?.dataPoints).toMatchObject([
        { value },
      ]);
    }
  });
});
