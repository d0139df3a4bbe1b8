import { describe, expect, it } from "vitest";
import { encodeHistogram, encodeMetric } from "../src/exposition.ts";
import { createHistogram } from "../src/histogram.ts";
import { observeWithMeter } from "../src/index.ts";
import { connect, createTestHub, poll } from "./support/test-hub.ts";

/** Series and their values, as Prometheus reads them. Fails for a line that is not of the format. */
function scrape(text: string): Map<string, number> {
  const series = new Map<string, number>();
  let announced = "";
  for (const line of text.split("\n").slice(0, -1)) {
    const type = /^# TYPE (sse_[a-z_]+) (?:counter|gauge|histogram)$/.exec(line)?.[1];
    if (type) announced = type;
    if (line.startsWith("#")) continue;
    const [, name, value] = /^([a-z_]+(?:\{(?:reason|le)="[^"]*"\})?) ([\d.e+-]+)$/.exec(line) ?? [];
    expect(name, line).toMatch(new RegExp(`^${announced}(_bucket|_sum|_count)?({|$)`));
    expect(series.has(name!), line).toBe(false);
    series.set(name!, Number(value));
  }
  expect(text.endsWith("\n")).toBe(true);
  return series;
}

describe("the text format", () => {
  // SPEC 77
  it("is that of a counter, a gauge and reasons", () => {
    expect(encodeMetric({ name: "connections", kind: "gauge", help: "Now.", values: 2 })).toBe(
      "# HELP sse_connections Now.\n# TYPE sse_connections gauge\nsse_connections 2\n",
    );
    expect(encodeMetric({ name: "closes", kind: "counter", help: "All.", values: { client: 1, slow: 0 } })).toBe(
      '# HELP sse_closes_total All.\n# TYPE sse_closes_total counter\nsse_closes_total{reason="client"} 1\n' +
        'sse_closes_total{reason="slow"} 0\n',
    );
  });

  // SPEC 77
  it("escapes help and labels", () => {
    const help = 'a "b" \\ c\nd';
    expect(encodeMetric({ name: "x", kind: "gauge", help, values: { [help]: 1 } })).toBe(
      '# HELP sse_x a "b" \\\\ c\\nd\n# TYPE sse_x gauge\nsse_x{reason="a \\"b\\" \\\\ c\\nd"} 1\n',
    );
  });

  // SPEC 77
  it("counts a histogram up, with its bounds included", () => {
    const histogram = createHistogram([0.5, 1]);
    for (const value of [0.25, 0.5, 0.75, 2]) histogram.observe(value);
    expect(encodeHistogram("t_seconds", "T.", histogram.snapshot())).toBe(
      "# HELP sse_t_seconds T.\n# TYPE sse_t_seconds histogram\n" +
        'sse_t_seconds_bucket{le="0.5"} 2\nsse_t_seconds_bucket{le="1"} 3\nsse_t_seconds_bucket{le="+Inf"} 4\n' +
        "sse_t_seconds_sum 3.5\nsse_t_seconds_count 4\n",
    );
  });
});

describe("the figures of a hub", () => {
  // SPEC 77
  it("are all there from the start, at zero", () => {
    const figures = scrape(createTestHub().hub.metrics());
    expect([...new Set([...figures.keys()].map((name) => name.replace(/\{.*/, "")))]).toEqual([
      "sse_connections",
      "sse_users",
      "sse_connects_total",
      "sse_closes_total",
      "sse_refused_total",
      "sse_events_published_total",
      "sse_deliveries_total",
      "sse_bytes_total",
      "sse_replay_events_total",
      "sse_gaps_total",
      "sse_slow_disconnects_total",
      "sse_ephemeral_dropped_total",
      "sse_history_bytes",
      "sse_history_channels",
      "sse_mailbox_bytes",
      "sse_mailbox_users",
      "sse_buffered_bytes",
      "sse_backplane_state",
      "sse_broadcast_seconds_bucket",
      "sse_broadcast_seconds_sum",
      "sse_broadcast_seconds_count",
    ]);
    expect([...figures.values()].every((value) => value === 0)).toBe(true);
  });

  // SPEC 38, 77
  it("follow what happens", async () => {
    const { hub, environment } = createTestHub({ history: { size: 3 } });
    const streams = [connect(hub, "", undefined, { user: "ann" }), connect(hub, "", undefined, { user: "ann" })];
    for (let index = 0; index < 5; index++) await hub.publish("a", index);
    environment.endTick();
    streams[0]!.res.leave();
    connect(hub, "?channels=a", "epoch0.4");
    connect(hub, "?channels=a", "epoch0.1");
    streams[1]!.res.stalled = true;
    await hub.publish("a", 5);
    environment.endTick();
    const figures = Object.fromEntries(scrape(hub.metrics()));
    expect(figures).toMatchObject({
      sse_connections: 3,
      sse_users: 1,
      sse_connects_total: 4,
      'sse_closes_total{reason="client"}': 1,
      'sse_closes_total{reason="slow"}': 0,
      sse_events_published_total: 6,
      sse_deliveries_total: 10 + 1 + 3,
      // The one after position 4; what is left after position 1 is skipped with the gap.
      sse_replay_events_total: 1,
      'sse_gaps_total{reason="trimmed"}': 1,
      sse_history_channels: 1,
      sse_history_bytes: hub.stats().history.bytes,
      sse_buffered_bytes: streams[1]!.res.writableLength,
      sse_broadcast_seconds_count: 2,
    });
    expect(figures["sse_buffered_bytes"]).toBeGreaterThan(0);
    expect(figures["sse_bytes_total"]).toBe(hub.stats().bytes);
  });

  // SPEC 78
  it("count every stream that was opened as open or closed, whatever ends it", async () => {
    const { hub, environment } = createTestHub({ slow: { stallMs: 4_000 } });
    const expiresAt = environment.date!() + 2_000;
    connect(hub).res.leave();
    connect(hub, "", undefined, { expiresAt });
    connect(hub).res.stalled = true;
    const broken = connect(hub);
    broken.res.write = () => {
      throw new Error("gone");
    };
    connect(hub);
    void hub.publish("a", 1);
    environment.advance(10_000);
    const { connects, closes, connections, slowDisconnects } = hub.stats();
    expect(closes).toEqual({ client: 1, slow: 1, "write-failed": 1, expired: 1, "max-age": 0, shutdown: 0 });
    expect([connects, connections, slowDisconnects]).toEqual([5, 1, 1]);
    const closing = hub.close({ spreadMs: 0, timeoutMs: 0 });
    environment.advance(0);
    await closing;
    connect(hub);
    expect(hub.stats()).toMatchObject({
      connects: 5,
      closes: { shutdown: 1 },
      connections: 0,
      refused: { closing: 1 },
    });
  });

  // SPEC 78
  it("count a stream that was ended as closed, also when the platform never ends it", () => {
    const { hub, environment } = createTestHub({ slow: { stallMs: 4_000 } });
    const { res } = connect(hub, "", undefined, { expiresAt: environment.date!() + 60_000 });
    res.end = () => {};
    environment.advance(62_000);
    expect(hub.stats()).toMatchObject({ connections: 1, closes: { expired: 0 } });
    environment.advance(4_000);
    expect(hub.stats()).toMatchObject({ connections: 0, closes: { expired: 1 }, slowDisconnects: 0 });
    expect(res).toMatchObject({ destroyed: true, listeners: 0 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 78
  it("count no poll and nobody who was turned away as a stream", () => {
    const { hub } = createTestHub({ limits: { total: 1 } });
    connect(hub);
    connect(hub);
    poll(hub);
    expect(hub.stats()).toMatchObject({ connects: 1, connections: 1, refused: { total: 2 } });
    expect(scrape(hub.metrics()).get('sse_refused_total{reason="total"}')).toBe(2);
  });

  // SPEC 77
  it("have no label from a client", () => {
    const { hub, environment } = createTestHub();
    connect(hub, "?channels=secret-channel", "secret-id", { user: "secret-user" });
    void hub.publish("secret-channel", "secret-data");
    environment.endTick();
    expect(hub.metrics()).not.toContain("secret");
  });

  // SPEC 79
  it("tell how long the writing of a tick took, by the clock of the environment", async () => {
    const { hub, environment } = createTestHub();
    const { res } = connect(hub);
    const write = res.write;
    res.write = (chunk) => {
      environment.advance(30);
      return write(chunk);
    };
    void hub.publish("a", 1);
    environment.endTick();
    const figures = scrape(hub.metrics());
    expect(figures.get("sse_broadcast_seconds_sum")).toBe(0.03);
    expect(figures.get('sse_broadcast_seconds_bucket{le="0.025"}')).toBe(0);
    expect(figures.get('sse_broadcast_seconds_bucket{le="0.05"}')).toBe(1);
    expect(hub.stats().broadcasts).toMatchObject({ count: 1, seconds: 0.03 });
  });

  // SPEC 79
  it("ask the clock a fixed number of times per tick, whatever the number of streams and events", () => {
    const count = (streams: number, events: number) => {
      const { hub, environment } = createTestHub({ history: false });
      for (let index = 0; index < streams; index++) connect(hub);
      for (let index = 0; index < events; index++) void hub.publish("a", index);
      const now = environment.now;
      let asked = 0;
      environment.now = () => {
        asked++;
        return now();
      };
      environment.endTick();
      return asked;
    };
    expect(count(100, 20)).toBe(count(1, 1));
  });

  // SPEC 79
  it("tell each writing once: of a burst before the end of its tick, too, and of nothing to write", () => {
    const { hub, environment } = createTestHub();
    const { res } = connect(hub, "?channels=a");
    const write = res.write;
    let echoes = 0;
    res.write = (chunk) => {
      // What this publishes is written before the first write has returned.
      if (echoes-- > 0) void hub.publish("a", "echo");
      environment.advance(30);
      return write(chunk);
    };
    for (let index = 0; index < 3; index++) void hub.publish("a", "x".repeat(40_000));
    expect(hub.stats().broadcasts).toMatchObject({ count: 1, seconds: 0.06 });
    environment.endTick();
    expect(hub.stats().broadcasts).toMatchObject({ count: 2, seconds: 0.09 });
    echoes = 1;
    void hub.publish("a", 1);
    environment.endTick();
    const { count, seconds } = hub.stats().broadcasts;
    expect([count, seconds]).toEqual([3, expect.closeTo(0.15)]);
    void hub.publish("unheard", 1);
    environment.advance(60_000);
    poll(hub);
    expect(hub.stats().broadcasts).toMatchObject({ count, seconds });
  });

  // SPEC 78
  it("are plain JSON in stats(), a snapshot that does not change", () => {
    const { hub, environment } = createTestHub();
    connect(hub);
    const stats = hub.stats();
    const before = JSON.stringify(stats);
    connect(hub).res.leave();
    void hub.publish("a", 1);
    environment.endTick();
    expect(JSON.stringify(stats)).toBe(before);
    expect(JSON.parse(before)).toEqual(stats);
  });
});

describe("an OpenTelemetry meter", () => {
  function createMeter() {
    const instruments: { name: string; kind: string; unit?: string | undefined; description?: string | undefined }[] =
      [];
    const callbacks = new Map<(result: never) => void, unknown[]>();
    const create =
      (kind: string) =>
      (name: string, options: { description?: string; unit?: string } = {}) => {
        const instrument = { name, kind, ...options };
        instruments.push(instrument);
        return instrument;
      };
    return {
      instruments,
      callbacks,
      createObservableGauge: create("gauge"),
      createObservableCounter: create("counter"),
      addBatchObservableCallback: (callback: (result: never) => void, observed: unknown[]) =>
        void callbacks.set(callback, observed),
      removeBatchObservableCallback: (callback: (result: never) => void) => void callbacks.delete(callback),
      collect() {
        const seen = new Map<string, number>();
        const observe = (instrument: { name: string }, value: number, attributes: { reason?: string } = {}) =>
          seen.set([instrument.name, ...Object.values(attributes)].join(" "), value);
        for (const callback of callbacks.keys()) callback({ observe } as never);
        return seen;
      },
    };
  }

  // SPEC 80
  it("is told the figures of the text each time it collects", async () => {
    const { hub, environment } = createTestHub();
    const meter = createMeter();
    observeWithMeter(hub, meter);
    connect(hub);
    connect(hub).res.leave();
    await hub.publish("a", 1);
    environment.endTick();
    const seen = meter.collect();
    const spoken = [...scrape(hub.metrics())]
      .filter(([name]) => !name.startsWith("sse_broadcast"))
      .map(([name, value]) => {
        const [, bare, reason] = /^sse_(\w+?)(?:_total)?(?:\{reason="(.+)"\})?$/.exec(name)!;
        return [reason ? `sse.${bare} ${reason}` : `sse.${bare}`, value] as const;
      });
    expect(Object.fromEntries(seen)).toEqual({
      ...Object.fromEntries(spoken),
      "sse.broadcasts": 1,
      "sse.broadcast_time": 0,
    });
    expect(seen.get("sse.closes client")).toBe(1);
    expect([...meter.callbacks.values()]).toEqual([meter.instruments]);
    expect(meter.instruments.find(({ name }) => name === "sse.bytes")).toMatchObject({ kind: "counter", unit: "By" });
    expect(meter.instruments.find(({ name }) => name === "sse.users")).toMatchObject({ kind: "gauge" });
  });

  // SPEC 80
  it("is told nothing after the end, and costs nothing between", () => {
    const { hub, environment } = createTestHub();
    const meter = createMeter();
    const stop = observeWithMeter(hub, meter);
    expect(environment.pending).toBe(0);
    stop();
    expect(meter.collect().size).toBe(0);
    stop();
  });
});
