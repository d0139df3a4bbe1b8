import { parseArgs } from "node:util";
import { runRounds } from "./run-rounds.ts";
import { heading, summarise } from "./summary.ts";

/**
 * So many events that a run takes about a second. Every run has a new client, and compiling for it takes some 50 ms of
 * another thread: with fewer events that would be a good part of what is measured.
 */
const sizes = [
  { dataBytes: 150, events: 600_000 },
  { dataBytes: 300, events: 400_000 },
  { dataBytes: 2_000, events: 80_000 },
];

const { profile } = parseArgs({ options: { profile: { type: "string" } } }).values;
const misses: string[] = [];
console.log(heading);
for (const { dataBytes, events } of sizes) {
  const summary = summarise(dataBytes, await runRounds(dataBytes, events, profile));
  for (const line of summary.lines) console.log(line);
  misses.push(...summary.misses);
}
for (const miss of misses) console.error(`MISSED  ${miss}`);
process.exitCode = misses.length > 0 ? 1 : 0;
