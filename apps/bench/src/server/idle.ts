import { CHANNEL } from "./payload.ts";
import type { Report } from "./report.ts";
import { openStage, type Settings, YOUNG_GENERATION } from "./stage.ts";

/** How large it is. */
export interface IdleConfig extends Settings {
  readonly connections: number;
  /** Longer than a heartbeat's interval, so that each connection has one in it. */
  readonly windowMs: number;
}

/** Bytes of RSS that a connection may hold. About half of it is Node's own: see the benchmark of memory. */
const LIMIT_KILOBYTES = 24;
/** Share of one processor that all of them may take together. */
const LIMIT_CPU_PERCENT = 10;

const CLIENT_PROCESSES = 2;
/** Files a process has open beside its connections. */
const OTHER_FILES = 100;

/**
 * Keeps many streams open on which nothing is published, so that heartbeats are all there is.
 *
 * @throws where the system does not let a process have so many files.
 */
export async function measureIdle({ connections, windowMs, ...settings }: IdleConfig): Promise<Report> {
  checkOpenFiles(connections + OTHER_FILES);
  const nodeOptions = [...settings.nodeOptions, YOUNG_GENERATION];
  const { server, clients, stop } = await openStage("hub", { ...settings, nodeOptions }, CLIENT_PROCESSES);
  const open = async (count: number) => {
    const each = Array(count / CLIENT_PROCESSES).fill(`/?channel=${CHANNEL}`);
    await Promise.all(clients.map((client) => client.call("openSinks", each)));
  };
  const sum = async (name: "heard") => {
    const counts = await Promise.all(clients.map((client) => client.call(name)));
    return counts.reduce((total, count) => total + count, 0);
  };
  const timersBefore = await server.call("timers");
  const first = Math.ceil(connections / 10);
  await open(first);
  await server.call("untilConnected", first);
  const before = await server.call("memory");
  await open(connections - first);
  await server.call("untilConnected", connections);
  const after = await server.call("memory");
  const timers = (await server.call("timers")) - timersBefore;

  await Promise.all(clients.map((client) => client.call("listen")));
  await server.call("restartCpu");
  const startedMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, windowMs));
  const { user, system } = await server.call("cpu");
  const percent = ((user + system) / 1_000 / (performance.now() - startedMs)) * 100;
  const heard = await sum("heard");
  stop();

  const kilobytes = (after.rss - before.rss) / (connections - first) / 1_000;
  const heapKilobytes = (after.heap - before.heap) / (connections - first) / 1_000;
  return {
    title: `${connections} idle connections, heartbeats every 15 s, over ${windowMs / 1_000} s`,
    columns: ["subject", "RSS kB/conn.", "of it heap kB", "CPU %", "timers", "had a heartbeat"],
    rows: [["hub", kilobytes, heapKilobytes, percent, timers, heard]],
    checks: [
      { what: "RSS kB per connection", value: kilobytes, limit: LIMIT_KILOBYTES, kind: "most" },
      { what: "CPU percent", value: percent, limit: LIMIT_CPU_PERCENT, kind: "most" },
      { what: "timers", value: timers, limit: 1, kind: "exactly" },
      { what: "connections that had a heartbeat", value: heard, limit: connections, kind: "exactly" },
    ],
  };
}

/** Node raises its limit to the hard one by itself when it starts; only the system can raise that. */
function checkOpenFiles(wanted: number): void {
  const { userLimits } = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly hard: number | "unlimited" } };
  };
  const hard = userLimits?.open_files?.hard;
  if (typeof hard === "number" && hard < wanted)
    throw new Error(
      `This needs ${wanted} open files and the system allows ${hard}: raise it with "ulimit -Hn ${wanted}".`,
    );
}
