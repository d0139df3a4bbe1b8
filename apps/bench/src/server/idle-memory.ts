import type { ContenderName } from "./contenders.ts";
import { CHANNEL } from "./payload.ts";
import { median, type Report, toRange } from "./report.ts";
import { openStage, type Settings, YOUNG_GENERATION } from "./stage.ts";

/** How large it is. */
export interface IdleMemoryConfig extends Settings {
  readonly subjects: readonly ContenderName[];
  readonly connections: number;
  readonly rounds: number;
}

/** What a connection to the hub may hold at most, as a multiple of one to the bare loop. */
const LIMIT = 1.2;

/** Measures what an open stream on which nothing happens holds. Each subject has a new process for each round. */
export async function measureIdleMemory(config: IdleMemoryConfig): Promise<Report> {
  const { subjects, rounds } = config;
  const held: Held[][] = [];
  for (let round = 0; round < rounds; round++) {
    const byRound: Held[] = [];
    for (const subject of subjects) byRound.push(await measureOnce(subject, config));
    held.push(byRound);
  }
  const ratios = subjects.map((_, index) => held.map((byRound) => byRound[index]!.rss / byRound[0]!.rss));
  const rows = subjects.map((subject, index) => {
    const kilobytes = (pick: (one: Held) => number) => median(held.map((byRound) => pick(byRound[index]!))) / 1_000;
    return [
      subject,
      kilobytes(({ rss }) => rss),
      kilobytes(({ heap }) => heap),
      median(ratios[index]!),
      toRange(ratios[index]!),
    ];
  });
  const value = median(ratios[subjects.indexOf("hub")]!);
  return {
    title: `Memory of each of ${config.connections} idle connections`,
    columns: ["subject", "RSS kB", "of it heap kB", "ratio", "(min–max)"],
    rows,
    checks: [{ what: "RSS per idle connection", value, limit: LIMIT, kind: "most" }],
  };
}

/** Bytes per connection. */
interface Held {
  readonly rss: number;
  readonly heap: number;
}

async function measureOnce(subject: ContenderName, { connections, ...settings }: IdleMemoryConfig): Promise<Held> {
  const nodeOptions = [...settings.nodeOptions, YOUNG_GENERATION];
  const { server, clients, stop } = await openStage(subject, { ...settings, nodeOptions });
  const [client] = clients;
  const open = (count: number) => client!.call("openSinks", Array(count).fill(`/?channel=${CHANNEL}`));
  // What the first connections leave behind (compiled code, pools) is not what one more costs.
  const first = Math.ceil(connections / 5);
  await open(first);
  await server.call("untilConnected", first);
  const before = await server.call("memory");
  await open(connections);
  await server.call("untilConnected", first + connections);
  const after = await server.call("memory");
  stop();
  return { rss: (after.rss - before.rss) / connections, heap: (after.heap - before.heap) / connections };
}
