import type { ChurnClientCommands } from "./churn-client-process.ts";
import type { ChurnServerCommands } from "./churn-server-process.ts";
import { startRemote } from "./remote.ts";
import type { Report } from "./report.ts";
import type { Settings } from "./stage.ts";

/** How large it is. */
export interface ChurnConfig extends Settings {
  readonly connections: number;
  readonly seed: number;
}

/** Now and then the platform lets go of megabytes of its own, which would hide what clients left. So rises are added up. */
const PARTS = 4;
/** Megabytes that the heap may grow by. */
const LIMIT_MEGABYTES = 2;
/** Streams that the hub may have, in all and of one user: what fits when nothing is counted that is gone. */
const TOTAL = 400;
const PER_USER = 4;

/** Lets clients come and leave at any moment there is, and looks at what is left of them. */
export async function measureChurn({ connections, seed, nodeOptions }: ChurnConfig): Promise<Report> {
  const entry = (name: string) => new URL(`./${name}.ts`, import.meta.url);
  const server = startRemote<ChurnServerCommands>(entry("churn-server-process"), [TOTAL, PER_USER], nodeOptions);
  const port = await server.call("port");
  const client = startRemote<ChurnClientCommands>(entry("churn-client-process"), [port], nodeOptions);
  const churn = async (count: number, ownSeed: number) => {
    await server.call("startPublishing");
    await client.call("churn", count, ownSeed, await server.call("oldestId"));
    await server.call("stopPublishing");
    await server.call("untilLeft");
    return (await server.call("memory")).heap;
  };
  const timersBefore = await server.call("timers");
  // The same once before: compiled code, the pools of `node:http` and of buffers, and the history have their size then, and
  // what is found on top of it was left by clients.
  let before = await churn(connections, seed);
  let growth = 0;
  for (let part = 1; part <= PARTS; part++) {
    const after = await churn(Math.ceil(connections / PARTS), seed + part);
    growth += Math.max(0, after - before);
    before = after;
  }
  const timers = (await server.call("timers")) - timersBefore;
  const sockets = await server.call("sockets");
  const stats = await server.call("stats");
  const megabytes = growth / 1_000_000;

  // What limits still count is not told. As many streams as they allow fit only if that is nothing, and not one more.
  const users = Array.from({ length: TOTAL }, (_, n) => `user-${n % (TOTAL / PER_USER)}`);
  const fitting = await client.call("fill", users);
  const beyond = (await client.call("fill", ["user-0"])) - fitting;
  await client.call("leave");
  await server.call("untilConnected", 0);
  client.stop();
  server.stop();

  const { connects, asked, changes, closes, reports } = stats;
  const zero = (what: string, value: number) => ({ what, value, limit: 0, kind: "exactly" as const });
  return {
    title: `${connections} connects and abrupt ends, after as many for warming up`,
    columns: ["subject", "streams opened", "asked about", "changes", "closed by client", "heap MB"],
    rows: [["hub", connects, asked, changes, closes.client, megabytes]],
    checks: [
      { what: "heap growth in MB", value: megabytes, limit: LIMIT_MEGABYTES, kind: "most" },
      zero("connections", stats.connections),
      zero("users", stats.users),
      zero("buffered bytes", stats.bufferedBytes),
      zero("timers", timers),
      zero("sockets", sockets),
      zero("errors reported", reports),
      { what: "streams that fit into the limits", value: fitting, limit: TOTAL, kind: "exactly" },
      zero("streams beyond the limits", beyond),
    ],
  };
}
