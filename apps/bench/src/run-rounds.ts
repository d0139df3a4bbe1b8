import { type ContenderName, contenderNames } from "./contenders.ts";
import type { Sample } from "./measure.ts";
import { startChild } from "./start-child.ts";

/** What everyone cost in one round. */
export type Round = Readonly<Record<ContenderName, Sample>>;

/** So many until the figures stop falling: the compiler takes its time. */
const WARM_UP_ROUNDS = 3;
const ROUNDS = 9;

/**
 * Measures all contenders in turn, over and over.
 *
 * Each has a process of its own for all its runs, and only one of them works at a time. In a common process they would
 * share the parser's and fetch's compiled code, made for whoever came first, and collect each other's garbage; in a new
 * process per run most of what is measured would be compiling. Taking turns lets a machine that is slow for some seconds
 * be slow for all: within a round the ratios hold.
 *
 * @param profileDir - where to write a CPU profile of each process
 */
export async function runRounds(dataBytes: number, events: number, profileDir: string | undefined): Promise<Round[]> {
  const server = startChild(new URL("./server-process.ts", import.meta.url), [dataBytes, events]);
  const url = await server.receive<string>();
  const children = contenderNames.map((name) => {
    const profile = ["--cpu-prof", `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${name}-${dataBytes}.cpuprofile`];
    const nodeOptions = ["--expose-gc", ...(profileDir ? profile : [])];
    const entry = new URL("./contender-process.ts", import.meta.url);
    return { name, child: startChild(entry, [name, url, events], nodeOptions) };
  });
  const runRound = async () => {
    const round: Partial<Record<ContenderName, Sample>> = {};
    for (const { name, child } of children) {
      child.wake();
      round[name] = await child.receive<Sample>();
    }
    return round as Round;
  };
  for (let round = 0; round < WARM_UP_ROUNDS; round++) await runRound();
  const rounds: Round[] = [];
  while (rounds.length < ROUNDS) rounds.push(await runRound());
  for (const { child } of children) child.stop();
  server.stop();
  return rounds;
}
