import type { Environment, PageEvent } from "../environment.ts";
import type { FakeExchange, FakeRequest } from "./fake-exchange.ts";
import { createFakeFetch, type FakeFetch } from "./fake-fetch.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

/** Options of every fake that a client can run on. */
export interface FakeEnvironmentOptions {
  /** Shared with whatever else the test keeps time for. @default one of its own, which starts at 0 */
  readonly clock?: ManualClock | undefined;
  /** Selects the sequence of random numbers. @default 1 */
  readonly seed?: number | undefined;
  /** As if rendering on a server, where subscribing connects nothing. @default false */
  readonly isServer?: boolean | undefined;
}

/** What is still under way; all zero once everything has been cleaned up. */
export interface Leaks {
  readonly timers: number;
  /** Page listeners. */
  readonly listeners: number;
  /** Frames asked for and not drawn yet. */
  readonly flushes: number;
  /** Requests and answers. */
  readonly streams: number;
}

/**
 * A machine without time, chance or network. Controls that return a promise act at once; the promise lets everything that
 * follows from it happen, a frame included.
 */
export interface FakeEnvironment {
  /** What to pass as the client's `environment` option. */
  readonly environment: Environment;
  readonly clock: ManualClock;
  /** Every request so far. */
  readonly requests: readonly FakeRequest[];

  /** Lets `ms` pass. A frame is drawn every 16 ms, and one at the end. */
  advance(ms: number): Promise<void>;
  /** Lets `ms` pass as on a machine that is suspended: nothing runs until the next control, and timers are late then. */
  sleep(ms: number): void;
  /** Lets everything happen that is due without time passing. */
  settle(): Promise<void>;
  /** Makes `random()` return this from now on; `null` returns to the sequence. */
  setRandom(value: number | null): void;
  /** Cuts all that is sent from now on into chunks of so many bytes; `null` leaves it whole. */
  splitChunks(size: number | "every-byte" | null): void;

  /** The browser believes the network is gone. What becomes of streams and requests is said by other controls. */
  goOffline(): Promise<void>;
  /** The browser believes it is back. */
  goOnline(): Promise<void>;
  /** The page goes out of sight. */
  hide(): Promise<void>;
  /** It is seen again. */
  show(): Promise<void>;
  /** The page is left, perhaps to be kept for going back. */
  leave(): Promise<void>;
  /** A page that was left is shown again as it was. */
  return(): Promise<void>;
  /** A page that the browser had frozen runs again; see `sleep`. */
  resume(): Promise<void>;

  /** Counts what is still under way. */
  leaks(): Leaks;
}

/** How often frames are drawn: 60 Hz. */
const FRAME_MS = 16;

/**
 * Makes the machine that {@link createFakeSource} and {@link createFakeServer} are built on. Use it to write a server of
 * your own.
 *
 * @param onRequest - answers a request, at once or later
 * @example
 * const fake = createFakeEnvironment((exchange) => {
 *   exchange.respond(200, { "content-type": "text/event-stream" });
 *   exchange.write("data: 1\n\n");
 * });
 * const client = createSSEClient({ url: "/events", environment: fake.environment });
 */
export function createFakeEnvironment(
  onRequest: (exchange: FakeExchange) => void,
  { clock = createManualClock(), seed = 1, isServer = false }: FakeEnvironmentOptions = {},
): FakeEnvironment {
  const network: FakeFetch = createFakeFetch(onRequest);
  const page = createPage();
  // The frames that were asked for, and what cancels the timer of each.
  const frames = new Map<() => void, () => void>();
  let state = seed;
  let fixedRandom: number | null = null;

  const draw = () => {
    for (const [run, cancel] of [...frames]) {
      cancel();
      run();
    }
  };
  const advance = async (ms: number) => {
    await clock.advance(ms);
    draw();
    await clock.advance(0);
  };
  const settle = () => advance(0);
  const happen = (event: PageEvent) => () => {
    page.tell(event);
    return settle();
  };

  return {
    environment: {
      isServer,
      now: clock.now,
      random() {
        // A linear congruential generator: the same numbers everywhere, and good enough to spread retries.
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return fixedRandom ?? state / 2 ** 32;
      },
      setTimer: clock.setTimer,
      requestFlush(callback) {
        const run = () => {
          frames.delete(run);
          callback();
        };
        frames.set(run, clock.setTimer(run, FRAME_MS));
      },
      fetch: network.fetch,
      afterPageEvents: (callback) => callback(),
      isOnline: page.isOnline,
      isHidden: page.isHidden,
      onPageEvent: page.onPageEvent,
    },
    clock,
    requests: network.requests,
    advance,
    sleep: clock.sleep,
    settle,
    setRandom(value) {
      fixedRandom = value;
    },
    splitChunks: network.splitChunks,
    goOffline: happen("offline"),
    goOnline: happen("online"),
    hide() {
      page.setHidden(true);
      return settle();
    },
    show() {
      page.setHidden(false);
      return settle();
    },
    leave: happen("pagehide"),
    return: happen("pageshow"),
    resume: happen("resume"),
    leaks: () => ({
      timers: clock.pending - frames.size,
      listeners: page.listeners(),
      flushes: frames.size,
      streams: network.openStreams,
    }),
  };
}

function createPage() {
  const listeners = new Set<{ readonly tell: (event: PageEvent) => void }>();
  let isOnline = true;
  let isHidden = false;
  const tell = (event: PageEvent) => {
    if (event === "online" || event === "offline") isOnline = event === "online";
    for (const listener of [...listeners]) if (listeners.has(listener)) listener.tell(event);
  };
  return {
    isOnline: () => isOnline,
    isHidden: () => isHidden,
    listeners: () => listeners.size,
    onPageEvent(tell: (event: PageEvent) => void) {
      const listener = { tell };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    setHidden(value: boolean) {
      if (isHidden === value) return;
      isHidden = value;
      tell("visibilitychange");
    },
    tell,
  };
}
