import type { ContenderName } from "./contenders.ts";
import { CHANNEL } from "./payload.ts";
import { type Check, median, type Report, toRange } from "./report.ts";
import { openStage, type Settings, type Stage } from "./stage.ts";

/** Who gets what. */
interface Audience {
  readonly name: string;
  readonly subjects: readonly ContenderName[];
  readonly connections: number;
  readonly channels: number;
}

/** How much is published. */
export interface Load {
  readonly frameBytes: number;
  readonly eventsPerTick: number;
  readonly ticks: number;
}

/** How large it all is. */
export interface FanOutConfig extends Settings {
  readonly audiences: readonly (Audience & { readonly loads: readonly Load[] })[];
  readonly warmUpRounds: number;
  readonly rounds: number;
}

/** What the hub may cost at most, as a multiple of the bare loop, by the events of a tick. */
const limits: Readonly<Record<number, number>> = { 1: 1.1, 10: 0.75 };

/**
 * So many bytes and ticks that clients are sent before they are waited for. The kernel holds them, so nobody's writes wait
 * for a client: it is not measured what becomes of those that are slow.
 */
const BURST_BYTES = 40_000;
const BURST_TICKS = 20;

const COLUMNS = ["audience", "frame", "events/tick", "subject", "CPU µs/delivery", "of it user", "ratio", "(min–max)"];

/**
 * Measures what it costs a server to send an event to one of many. All subjects take turns, as for the clients; see
 * `../run-rounds.ts` for why. A round in which a client does not get every event, and each once, fails.
 */
export async function measureFanOut(config: FanOutConfig): Promise<Report> {
  const rows: (string | number)[][] = [];
  const checks: Check[] = [];
  for (const audience of config.audiences) {
    const casts: Cast[] = [];
    for (const subject of audience.subjects) casts.push(await openCast(subject, audience, config));
    for (const load of audience.loads) {
      const rounds: Cost[][] = [];
      for (let round = 0; round < config.warmUpRounds + config.rounds; round++) {
        const costs: Cost[] = [];
        for (const cast of casts) costs.push(await measureOnce(cast, load));
        if (round >= config.warmUpRounds) rounds.push(costs);
      }
      audience.subjects.forEach((subject, index) => {
        const ratios = rounds.map((costs) => costs[index]!.micros / costs[0]!.micros);
        const { frameBytes, eventsPerTick } = load;
        const ratio = median(ratios);
        const micros = median(rounds.map((costs) => costs[index]!.micros));
        const userMicros = median(rounds.map((costs) => costs[index]!.userMicros));
        rows.push([
          audience.name,
          `${frameBytes} B`,
          eventsPerTick,
          subject,
          micros,
          userMicros,
          ratio,
          toRange(ratios),
        ]);
        // Where an event has few recipients, much of what is measured is what publishing it costs: ids, history, checks.
        const limit = audience.channels === 1 ? limits[eventsPerTick] : undefined;
        const what = `${audience.name}, ${frameBytes} B, ${eventsPerTick} per tick`;
        if (subject.startsWith("hub") && limit) checks.push({ what, value: ratio, limit, kind: "most" });
      });
    }
    for (const { stage } of casts) stage.stop();
  }
  return { title: "Fan-out: CPU per delivery", columns: COLUMNS, rows, checks };
}

/** A server and its connected clients. */
interface Cast {
  readonly stage: Stage;
  readonly channels: readonly string[];
  readonly connections: number;
  /** Events that each client has been sent. */
  sent: number;
}

async function openCast(subject: ContenderName, audience: Audience, settings: Settings): Promise<Cast> {
  const stage = await openStage(subject, settings);
  const channels =
    audience.channels === 1 ? [CHANNEL] : Array.from({ length: audience.channels }, (_, n) => `${CHANNEL}-${n}`);
  const paths = Array.from(
    { length: audience.connections },
    (_, n) => `/?channel=${channels[n % channels.length]}&user=user-${n}`,
  );
  await stage.clients[0]!.call("openSinks", paths);
  await stage.server.call("untilConnected", audience.connections);
  return { stage, channels, connections: audience.connections, sent: 0 };
}

/** CPU time per delivery. */
interface Cost {
  readonly micros: number;
  /** Without what the kernel took for it. */
  readonly userMicros: number;
}

/** Measures until the last client has the last event. */
async function measureOnce(cast: Cast, { frameBytes, eventsPerTick, ticks }: Load): Promise<Cost> {
  const { server, clients } = cast.stage;
  const burstTicks = Math.min(BURST_TICKS, Math.max(1, Math.floor(BURST_BYTES / (frameBytes * eventsPerTick))));
  const bytesBefore = await clients[0]!.call("bytes");
  await server.call("restartCpu");
  for (let left = ticks; left > 0; left -= burstTicks) {
    const burst = Math.min(left, burstTicks);
    await server.call("publish", { channels: cast.channels, frameBytes, eventsPerTick, ticks: burst });
    cast.sent += burst * eventsPerTick;
    await clients[0]!.call("untilSunk", cast.sent);
  }
  const { user, system } = await server.call("cpu");
  const deliveries = ticks * eventsPerTick * cast.connections;
  const bytes = (await clients[0]!.call("bytes")) - bytesBefore;
  // Blocks differ by a few bytes, as not everybody writes a space after the colon. Anything more was not sent.
  if (bytes < deliveries * frameBytes * 0.98)
    throw new Error(`${deliveries} deliveries of ${frameBytes} bytes came to only ${bytes} bytes.`);
  return { micros: (user + system) / deliveries, userMicros: user / deliveries };
}
