import { type ContenderName, contenderNames } from "./contenders.ts";
import type { Round } from "./run-rounds.ts";

/** What our client may cost at most, as a multiple of the baseline, by the size of the data. */
const limits: Readonly<Record<number, number>> = { 150: 1.4, 300: 1.4, 2000: 1.15 };

/** What one contender cost at one size. */
interface Row {
  readonly name: ContenderName;
  readonly cpuMicros: number;
  readonly wallMicros: number;
  /** CPU as a multiple of what the baseline took in the same round: the median, the least and the most. */
  readonly ratio: number;
  readonly minRatio: number;
  readonly maxRatio: number;
}

export interface Summary {
  readonly lines: readonly string[];
  /** Which limits were missed; empty when all is well. */
  readonly misses: readonly string[];
}

export function summarise(dataBytes: number, rounds: readonly Round[]): Summary {
  const rows = contenderNames.map((name): Row => {
    const ratios = rounds.map((round) => round[name].cpuMicros / round.baseline.cpuMicros);
    return {
      name,
      cpuMicros: median(rounds.map((round) => round[name].cpuMicros)),
      wallMicros: median(rounds.map((round) => round[name].wallMicros)),
      ratio: median(ratios),
      minRatio: Math.min(...ratios),
      maxRatio: Math.max(...ratios),
    };
  });
  return { lines: rows.map((row) => toLine(dataBytes, row)), misses: findMisses(dataBytes, rows) };
}

function findMisses(dataBytes: number, rows: readonly Row[]): string[] {
  const { ratio } = rows.find(({ name }) => name === "sse-core")!;
  const limit = limits[dataBytes] ?? Number.POSITIVE_INFINITY;
  const misses = ratio > limit ? [`${dataBytes} B: sse-core takes ${ratio.toFixed(2)}, the limit is ${limit}.`] : [];
  for (const peer of rows)
    if (peer.name !== "sse-core" && peer.name !== "baseline" && peer.ratio <= ratio)
      misses.push(`${dataBytes} B: sse-core (${ratio.toFixed(2)}) is not faster than ${peer.name}.`);
  return misses;
}

const columnChars = [8, 20, 12, 12, 8, 14];

export const heading = toColumns(["size", "subject", "CPU µs/ev.", "wall µs/ev.", "ratio", "(min–max)"]);

function toLine(dataBytes: number, { name, cpuMicros, wallMicros, ratio, minRatio, maxRatio }: Row): string {
  const range = `${minRatio.toFixed(2)}–${maxRatio.toFixed(2)}`;
  return toColumns([`${dataBytes} B`, name, cpuMicros.toFixed(2), wallMicros.toFixed(2), ratio.toFixed(2), range]);
}

function toColumns(cells: readonly string[]): string {
  const align = (cell: string, chars: number, isName: boolean) => (isName ? cell.padEnd(chars) : cell.padStart(chars));
  return cells.map((cell, column) => align(cell, columnChars[column]!, column === 1)).join("  ");
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
