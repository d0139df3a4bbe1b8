import { describe, expect, it } from "vitest";
import { measureChurn } from "../src/server/churn.ts";
import { measureFanOut } from "../src/server/fan-out.ts";
import { measureIdle } from "../src/server/idle.ts";
import { measureIdleMemory } from "../src/server/idle-memory.ts";
import { createPayloads, encodeEvent, MARK } from "../src/server/payload.ts";
import { createRandom } from "../src/server/random.ts";
import { isPassed, type Report, toLines } from "../src/server/report.ts";
import { measureSlowClients } from "../src/server/slow-clients.ts";

// The processes load the sources, as tests do. Figures of so little work mean nothing; that everything was counted does.
const nodeOptions = ["--conditions=@x/source"];
const TIMEOUT_MS = 60_000;

const checkOf = ({ checks }: Report, what: string) => checks.find((check) => check.what === what);

describe("benchmarks of the server", () => {
  it(
    "measures what everybody's deliveries cost",
    async () => {
      const loads = [{ frameBytes: 300, eventsPerTick: 2, ticks: 3 }];
      const { rows } = await measureFanOut({
        nodeOptions,
        warmUpRounds: 1,
        rounds: 1,
        audiences: [
          { name: "one", subjects: ["bare", "hub", "hub of users", "better-sse"], connections: 20, channels: 1, loads },
          { name: "many", subjects: ["bare", "hub", "better-sse"], connections: 20, channels: 4, loads },
        ],
      });
      expect(rows.map(([audience, , , subject]) => `${audience} ${subject}`)).toHaveLength(7);
      for (const row of rows) expect(row[4]).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    "measures what idle connections hold",
    async () => {
      const report = await measureIdleMemory({ nodeOptions, subjects: ["bare", "hub"], connections: 20, rounds: 1 });
      expect(report.rows).toHaveLength(2);
      expect(report.checks).toHaveLength(1);
    },
    TIMEOUT_MS,
  );

  it(
    "finds that readers lose nothing beside clients that never read",
    async () => {
      const sizes = { deaf: 2, readers: 3, events: 200, frameBytes: 1_000 };
      const report = await measureSlowClients({ nodeOptions, subjects: ["hub", "bare"], ...sizes });
      expect(checkOf(report, "events that readers lost or got out of order")?.value).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    "counts the timers of idle connections",
    async () => {
      const report = await measureIdle({ nodeOptions, connections: 20, windowMs: 100 });
      expect(checkOf(report, "timers")?.value).toBe(1);
      // Heartbeats are further apart than that.
      expect(checkOf(report, "connections that had a heartbeat")?.value).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    "finds nothing left of clients that were there",
    async () => {
      const report = await measureChurn({ nodeOptions, connections: 60, seed: 1 });
      const { checks, rows } = report;
      expect(checks.filter((check) => check.kind === "exactly" && !isPassed(check))).toEqual([]);
      for (const figure of rows[0]!.slice(1, 5)) expect(figure).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});

describe("events of the benchmark", () => {
  it.each([300, 1_000, 2_000])("take %i bytes", (frameBytes) => {
    const createPayload = createPayloads(frameBytes);
    for (const seq of [1, 500_000]) {
      const block = encodeEvent("quotes", 1_000_000 + seq, JSON.stringify(createPayload(seq)));
      expect(Buffer.byteLength(block)).toBe(frameBytes);
      expect(block.split(MARK)).toHaveLength(2);
    }
  });

  it("are drawn alike for the same seed", () => {
    const [first, same, other] = [createRandom(1), createRandom(1), createRandom(2)];
    expect(first()).toBe(same());
    expect(first()).not.toBe(other());
  });
});

describe("a report", () => {
  it("says of each limit whether it was met", () => {
    const checks = [
      { what: "ratio", value: 1.2, limit: 1.1, kind: "most" },
      { what: "timers", value: 1, limit: 1, kind: "exactly" },
    ] as const;
    const lines = toLines({ title: "Title", columns: ["subject"], rows: [["hub"]], checks });
    expect(lines).toContain("FAIL  ratio: 1.20 (at most 1.1)");
    expect(lines).toContain("PASS  timers: 1 (exactly 1)");
  });
});
