import { measureChurn } from "./churn.ts";
import { type Load, measureFanOut } from "./fan-out.ts";
import { measureIdle } from "./idle.ts";
import { measureIdleMemory } from "./idle-memory.ts";
import type { Report } from "./report.ts";
import { measureSlowClients } from "./slow-clients.ts";
import type { Settings } from "./stage.ts";

/** About as much work for each: a round of one subject takes a second. */
const loads = (frameBytes: number): Load[] => [
  { frameBytes, eventsPerTick: 1, ticks: 100 },
  { frameBytes, eventsPerTick: 10, ticks: 26 },
];

/** All benchmarks of the server, at full size, in the order in which they run. */
export const benchmarks = {
  "fan-out": (settings) =>
    measureFanOut({
      ...settings,
      warmUpRounds: 2,
      rounds: 9,
      audiences: [
        {
          name: "1,000 connections",
          subjects: ["bare", "hub", "better-sse"],
          connections: 1_000,
          channels: 1,
          loads: [...loads(300), ...loads(2_000)],
        },
        {
          name: "each its own user",
          subjects: ["bare", "hub of users"],
          connections: 1_000,
          channels: 1,
          loads: loads(300),
        },
        {
          name: "100 channels of 10",
          subjects: ["bare", "hub", "better-sse"],
          connections: 1_000,
          channels: 100,
          loads: loads(300),
        },
      ],
    }),
  "idle-memory": (settings) =>
    measureIdleMemory({ ...settings, subjects: ["bare", "hub", "better-sse"], connections: 5_000, rounds: 5 }),
  "slow-clients": (settings) =>
    measureSlowClients({
      ...settings,
      subjects: ["bare", "hub", "better-sse"],
      deaf: 20,
      readers: 50,
      events: 20_000,
      frameBytes: 1_000,
    }),
  idle: (settings) => measureIdle({ ...settings, connections: 10_000, windowMs: 30_000 }),
  churn: (settings) => measureChurn({ ...settings, connections: 10_000, seed: 1 }),
} satisfies Record<string, (settings: Settings) => Promise<Report>>;

export type BenchmarkName = keyof typeof benchmarks;

export function isBenchmark(name: string): name is BenchmarkName {
  return Object.hasOwn(benchmarks, name);
}
