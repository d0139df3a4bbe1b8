import type { Config } from "./config.ts";
import type { LiveHub } from "./live-hub.ts";
import { createRandom } from "./random.ts";
import { createServiceBoard } from "./service-board.ts";
import { createTicker } from "./ticker.ts";

/** Publishes made-up trades and service states, and real figures of the server, in real time. */
export interface Publisher {
  /** The time between two rounds; `null` while paused. */
  readonly tickMs: number | null;
  /** Sets it. */
  setTick(tickMs: number | null): void;
  /** Publishes the whole picture of what is made up. */
  publishAll(): void;
}

/** Between two looks at the server's figures. */
const FIGURES_MS = 2_000;

/** Every so many rounds of trades the state of one service changes. */
const ROUNDS_PER_SERVICE = 16;

export function createPublisher(
  live: Pick<LiveHub, "publish" | "publishFigures">,
  { seed }: Pick<Config, "seed">,
  now = Date.now,
): Publisher {
  const random = createRandom(seed);
  const ticker = createTicker(random);
  const board = createServiceBoard(random);
  let tickMs: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let round = 0;
  let figuresAt = Number.NEGATIVE_INFINITY;

  /** With a round of trades and before it: so whoever follows the trades only is at the newest event after each round. */
  function publishFigures() {
    if (now() - figuresAt < FIGURES_MS) return;
    figuresAt = now();
    live.publishFigures();
  }

  function publishRound() {
    publishFigures();
    for (const quote of ticker.next(now())) live.publish("ticker", quote);
    round = (round + 1) % ROUNDS_PER_SERVICE;
    if (round === 0) live.publish("services", board.next(now()));
  }

  return {
    get tickMs() {
      return tickMs;
    },
    setTick(next) {
      clearInterval(timer);
      tickMs = next;
      if (next !== null) timer = setInterval(publishRound, next);
    },
    publishAll() {
      figuresAt = Number.NEGATIVE_INFINITY;
      for (const quote of ticker.all(now())) live.publish("ticker", quote);
      for (const service of board.all(now())) live.publish("services", service);
    },
  };
}
