import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createLiveHub } from "../src/live-hub.ts";
import { createPublisher } from "../src/publisher.ts";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** A publisher with a round every half second, and what it had published, round by round. */
function setUp() {
  const rounds: string[][] = [];
  const publisher = createPublisher(
    { publish: (channel) => rounds.at(-1)?.push(channel), publishFigures: () => rounds.at(-1)?.push("server") },
    { seed: 1 },
  );
  onTestFinished(() => publisher.setTick(null));
  publisher.setTick(500);
  const round = () => {
    rounds.push([]);
    vi.advanceTimersByTime(500);
    return rounds.at(-1) ?? [];
  };
  return { publisher, round };
}

describe("the publisher", () => {
  test("tells the figures every two seconds, before the trades of the round", () => {
    const { round } = setUp();
    const rounds = Array.from({ length: 9 }, round);
    expect(rounds.map((channels) => channels.indexOf("server"))).toEqual([0, -1, -1, -1, 0, -1, -1, -1, 0]);
    for (const channels of rounds) expect(channels.at(-1)).toBe("ticker");
  });

  test("tells them in the next round when the server has restarted", () => {
    const { publisher, round } = setUp();
    expect([round()[0], round()[0]]).toEqual(["server", "ticker"]);
    publisher.publishAll();
    expect([round()[0], round()[0]]).toEqual(["server", "ticker"]);
  });
});

test("the uptime is that of the hub", () => {
  const live = createLiveHub({ retryMs: undefined, history: 10, heartbeatMs: 2_000 });
  onTestFinished(() => void live.close());
  vi.advanceTimersByTime(7_000);
  expect(live.figures().uptimeMs).toBe(7_000);
  live.restart();
  vi.advanceTimersByTime(1_000);
  expect(live.figures().uptimeMs).toBe(1_000);
});
