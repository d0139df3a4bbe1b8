import type { ContenderName } from "./contenders.ts";
import { CHANNEL } from "./payload.ts";
import type { Check, Report } from "./report.ts";
import { openStage, type Settings } from "./stage.ts";

/** How large it is. */
export interface SlowClientsConfig extends Settings {
  readonly subjects: readonly ContenderName[];
  /** Clients that never read. */
  readonly deaf: number;
  /** Clients that do. */
  readonly readers: number;
  readonly events: number;
  readonly frameBytes: number;
}

/** Bytes that the server may grow by for each client that never reads. */
const LIMIT_BYTES = 2_000_000;

const EVENTS_PER_TICK = 10;
/** Readers are waited for this often: what becomes of them when they cannot keep up is not the question here. */
const BURST_EVENTS = 200;

/**
 * Publishes while some clients never read. With the hub, those are dropped after `slow.stallMs`; the memory they take is
 * read before that, and it is an error if they are gone by then.
 */
export async function measureSlowClients(config: SlowClientsConfig): Promise<Report> {
  const rows: (string | number)[][] = [];
  const checks: Check[] = [];
  for (const subject of config.subjects) {
    const { growth, heapGrowth, faults } = await measureOnce(subject, config);
    rows.push([subject, growth / 1_000_000, heapGrowth / 1_000_000, faults]);
    if (subject !== "hub") continue;
    checks.push({
      what: "RSS growth per slow client in MB",
      value: growth / 1e6,
      limit: LIMIT_BYTES / 1e6,
      kind: "most",
    });
    checks.push({ what: "events that readers lost or got out of order", value: faults, limit: 0, kind: "exactly" });
  }
  const { deaf, readers, events, frameBytes } = config;
  return {
    title: `${deaf} clients that never read beside ${readers} that do, ${events} events of ${frameBytes} B`,
    columns: ["subject", "RSS MB/slow client", "of it heap MB", "faults"],
    rows,
    checks,
  };
}

async function measureOnce(subject: ContenderName, config: SlowClientsConfig) {
  const { deaf, readers, events, frameBytes, ...settings } = config;
  const { server, clients, stop } = await openStage(subject, settings, 2);
  const [readerProcess, deafProcess] = clients;
  let sent = 0;
  let faults = 0;
  const publish = async (count: number) => {
    for (const end = sent + count; sent < end; ) {
      const burst = Math.min(BURST_EVENTS, end - sent);
      const ticks = Math.ceil(burst / EVENTS_PER_TICK);
      await server.call("publish", { channels: [CHANNEL], frameBytes, ticks, eventsPerTick: EVENTS_PER_TICK });
      sent += ticks * EVENTS_PER_TICK;
      faults = await readerProcess!.call("untilRead", sent);
    }
  };
  await readerProcess!.call("openReaders", readers);
  await server.call("untilConnected", readers);
  // Fills the history and warms up, so that what comes on top is due to the slow clients.
  await publish(events / 4);
  const before = await server.call("memory");
  await deafProcess!.call("openDeaf", deaf);
  await server.call("untilConnected", readers + deaf);
  await publish(events);
  const after = await server.call("memory");
  const connected = await server.call("connectionCount");
  stop();
  if (connected !== readers + deaf)
    throw new Error(`Publishing took so long that ${readers + deaf - connected} slow clients were dropped meanwhile.`);
  return { growth: (after.rss - before.rss) / deaf, heapGrowth: (after.heap - before.heap) / deaf, faults };
}
