import { describe, expect, test } from "vitest";
import { listings, serviceNames } from "../src/listings.ts";
import { readStream } from "./support/read-stream.ts";
import { post, runApp } from "./support/run-app.ts";

interface Event {
  readonly id: string;
  readonly channel: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const getJson = async (url: string) => (await fetch(url)).json();

/** The newest event of every key among those of a channel, in the order of publication. */
function newestOf(events: readonly Event[], channel: string, key: string) {
  const newest = new Map<unknown, unknown>();
  for (const event of events.filter((each) => each.channel === channel)) {
    newest.delete(event.data[key]);
    newest.set(event.data[key], event.data);
  }
  return [...newest.values()];
}

describe("the snapshot of a channel", () => {
  test("has every symbol and every service from the start", async () => {
    const origin = await runApp();
    const ticker = await getJson(`${origin}/api/snapshot/ticker`);
    expect(ticker.data.map(({ symbol }: { symbol: string }) => symbol)).toEqual(listings.map(({ symbol }) => symbol));
    const services = await getJson(`${origin}/api/snapshot/services`);
    expect(services.data.map(({ name }: { name: string }) => name)).toEqual(serviceNames);
    const { events } = await getJson(`${origin}/api/log`);
    expect([ticker.id, services.id]).toEqual([events.at(-1).id, events.at(-1).id]);
  });

  test("holds exactly what was published up to its id, however fast events come", async () => {
    const origin = await runApp({ tickMs: 1 });
    const snapshots: { channel: string; key: string; data: unknown; id: string }[] = [];
    for (let round = 0; round < 25; round++) {
      for (const [channel, key] of [
        ["ticker", "symbol"],
        ["services", "name"],
      ] as const)
        snapshots.push({ channel, key, ...(await getJson(`${origin}/api/snapshot/${channel}`)) });
    }
    await post(`${origin}/api/rate`, { tickMs: null });
    const { events, forgotten } = (await getJson(`${origin}/api/log`)) as { events: Event[]; forgotten: number };
    expect(forgotten).toBe(0);
    expect(new Set(snapshots.map(({ id }) => id)).size).toBeGreaterThan(5);
    for (const { channel, key, data, id } of snapshots) {
      const end = events.findIndex((event) => event.id === id) + 1;
      expect(end).toBeGreaterThan(0);
      expect(data).toEqual(newestOf(events.slice(0, end), channel, key));
    }
  });

  test("goes on where it ends on a stream that continues from its id", async () => {
    const origin = await runApp();
    const { id } = await getJson(`${origin}/api/snapshot/ticker`);
    await post(`${origin}/api/rate`, { tickMs: 1 });
    await expect.poll(async () => (await getJson(`${origin}/api/log`)).events.at(-1).id).not.toBe(id);
    await post(`${origin}/api/rate`, { tickMs: null });
    const { events } = (await getJson(`${origin}/api/log`)) as { events: Event[] };
    const next = events.findIndex((event) => event.id === id) + 1;
    const stream = await readStream(`${origin}/api/sse`, { "last-event-id": id });
    await stream.includes(`"replayed":${events.length - next}`);
    await stream.includes(`id: ${events.at(-1)?.id}\n\n`);
    const ids = [...stream.text().matchAll(/^id: (.*)\nevent/gm)].map(([, each]) => each);
    expect(ids).toEqual(events.slice(next).map((event) => event.id));
  });

  test("is one of the new hub after a restart", async () => {
    const origin = await runApp();
    const before = await getJson(`${origin}/api/snapshot/ticker`);
    const { epoch } = await (await post(`${origin}/api/hub/restart`, {})).json();
    const after = await getJson(`${origin}/api/snapshot/ticker`);
    expect(after.id.split(".")[0]).toBe(epoch);
    expect(after.id).not.toBe(before.id);
    expect(after.data).toHaveLength(before.data.length);
  });

  test("fails while it is told to", async () => {
    const origin = await runApp();
    expect(await getJson(`${origin}/api/faults/switches`)).toEqual({ buffer: false, snapshotFails: false });
    const on = await post(`${origin}/api/faults/switches`, { snapshotFails: true });
    expect(await on.json()).toEqual({ buffer: false, snapshotFails: true });
    const failed = await fetch(`${origin}/api/snapshot/ticker`);
    expect([failed.status, (await failed.json()).error]).toEqual([500, expect.any(String)]);
    await post(`${origin}/api/faults/switches`, { snapshotFails: false });
    expect((await fetch(`${origin}/api/snapshot/ticker`)).status).toBe(200);
  });

  test("exists of channels only", async () => {
    const origin = await runApp();
    for (const name of ["nothing", "", "constructor", "ticker/x"])
      expect((await fetch(`${origin}/api/snapshot/${name}`)).status).toBe(404);
    expect((await post(`${origin}/api/snapshot/ticker`, {})).status).toBe(405);
  });
});
