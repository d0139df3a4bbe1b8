import type { Config } from "./config.ts";
import type { LiveHub } from "./live-hub.ts";
import { createRandom } from "./random.ts";
import { createServiceBoard } from "./service-board.ts";
import { createTicker } from "./ticker.ts";

/** Publishes made-up trades and service states, in real time. */
export interface Publisher {
  /** The time between two rounds; `null` while paused. */
  readonly tickMs: number | null;
  /** Sets it. */
  setTick(tickMs: number | null): void;
  /** Publishes the whole picture. */
  publishAll(): void;
}

/** Every so many rounds of trades the state of one service changes. */
const ROUNDS_PER_SERVICE = 16;

export function createPublisher(live: LiveHub, { seed }: Pick<Config, "seed">, now = Date.now): Publisher {
  const random = createRandom(seed);
  const ticker = createTicker(random);
  const board = createServiceBoard(random);
  let tickMs: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let round = 0;

  function publishRound() {
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
      for (const quote of ticker.all(now())) live.publish("ticker", quote);
      for (const service of board.all(now())) live.publish("services", service);
    },
  };
}
