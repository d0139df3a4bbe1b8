import { createHub } from "@x/sse-server";
import { describe, expect, test } from "vitest";
import { figuresOf } from "../src/figures.ts";
import { readStream } from "./support/read-stream.ts";
import { post, runApp } from "./support/run-app.ts";

const getJson = async (url: string) => (await fetch(url)).json();

describe("the server's figures", () => {
  test("are those of the hub and of its process", () => {
    const stats = createHub().stats();
    const hub = {
      ...stats,
      connections: 1,
      users: 2,
      published: 3,
      deliveries: 4,
      bufferedBytes: 5,
      gaps: { ...stats.gaps, epoch: 2, slow: 4 },
    };
    expect(figuresOf(hub, 1_000, 8_000, { heapUsed: 8, rss: 9 })).toEqual({
      at: 8_000,
      uptimeMs: 7_000,
      streams: 1,
      users: 2,
      published: 3,
      delivered: 4,
      bufferedBytes: 5,
      gaps: 6,
      heapBytes: 8,
      rssBytes: 9,
    });
  });

  test("are published with the first round of trades, and whoever comes later begins with them", async () => {
    const origin = await runApp({ tickMs: 1 });
    const first = await readStream(`${origin}/api/sse?channels=server`);
    await first.includes("event: figures");
    await post(`${origin}/api/rate`, { tickMs: null });
    const later = await readStream(`${origin}/api/sse?channels=server&user=ann-0000000000000000`);
    await later.includes("event: figures");
    const figures = JSON.parse(/^event: figures\ndata: (.*)$/m.exec(later.text())?.[1] ?? "{}");
    expect(figures).toMatchObject({ bufferedBytes: 0, gaps: 0 });
    expect(figures.published).toBeGreaterThan(0);
    expect(figures.rssBytes).toBeGreaterThan(figures.heapBytes);
    expect(later.text()).not.toContain("event: quote");
  });

  test("are never the newest event after a round, and are not in the log", async () => {
    const origin = await runApp({ tickMs: 1 });
    const stream = await readStream(`${origin}/api/sse?channels=server`);
    await stream.includes("event: figures");
    await post(`${origin}/api/rate`, { tickMs: null });
    const { events } = await getJson(`${origin}/api/log`);
    expect(events.at(-1).id).toBe((await getJson(`${origin}/api/snapshot/server`)).id);
    expect(new Set(events.map(({ channel }: { channel: string }) => channel))).not.toContain("server");
  });

  test("are only for those who ask for them", async () => {
    const origin = await runApp({ tickMs: 1 });
    const stream = await readStream(`${origin}/api/sse?channels=server`);
    await stream.includes("event: figures");
    const poll = await fetch(`${origin}/api/sse`, { headers: { accept: "application/json" } });
    expect((await poll.json()).channels).toEqual(["services", "ticker"]);
  });

  test("begin anew with the hub", async () => {
    const origin = await runApp({ tickMs: 1 });
    const stream = await readStream(`${origin}/api/sse?channels=server`);
    await stream.includes("event: figures");
    await post(`${origin}/api/rate`, { tickMs: null });
    const before = await getJson(`${origin}/api/snapshot/server`);
    await post(`${origin}/api/hub/restart`, {});
    const after = await getJson(`${origin}/api/snapshot/server`);
    expect(before.data[0].published).toBeGreaterThan(16);
    expect(after.data).toMatchObject([{ published: 16, streams: 0, delivered: 0 }]);
    await post(`${origin}/api/rate`, { tickMs: 1 });
    const next = await readStream(`${origin}/api/sse?channels=server`);
    await next.includes("event: figures");
  });

  test("can be had for Prometheus", async () => {
    const origin = await runApp();
    const metrics = await fetch(`${origin}/api/metrics`);
    expect([metrics.status, metrics.headers.get("content-type"), metrics.headers.get("cache-control")]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
      "no-store",
    ]);
    expect(await metrics.text()).toMatch(/^sse_events_published_total 16$/m);
    expect((await post(`${origin}/api/metrics`, {})).status).toBe(405);
  });
});
