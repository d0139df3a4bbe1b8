/**
 * Everything the client takes from the machine it runs on. Tests pass a fake one; the default reads the globals of a
 * browser, a worker or Node.js when it is called, never at import.
 */
export interface Environment {
  /** No page to keep live: subscribing opens no connection; only an explicit `connect()` does. */
  readonly isServer: boolean;
  /** Milliseconds since 1970. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  setTimer(callback: () => void, delayMs: number): () => void;
  /** Calls back once in the next animation frame, or soon where no frames are drawn. */
  requestFlush(callback: () => void): void;
  /** Sends every request of the client. */
  fetch: typeof globalThis.fetch;
  /** Calls back once the page has been told what is happening to it, if anything; at once where there is no page. */
  afterPageEvents(callback: () => void): void;
  /** What the browser believes; only ever a hint. `true` where nobody knows. */
  isOnline(): boolean;
  /** Whether the page is out of sight. `false` where there is no page. */
  isHidden(): boolean;
  /** Calls back when something happens to the page; the returned function ends it. */
  onPageEvent(listener: (event: PageEvent) => void): () => void;
}

/** What can happen to a page, by the names of the DOM's events. */
export type PageEvent = (typeof PAGE_EVENTS)[number];

const PAGE_EVENTS = ["online", "offline", "visibilitychange", "pagehide", "pageshow", "resume"] as const;

/** Where no frames are drawn (workers, Node.js): about one flush per frame of a 60 Hz display. */
const NO_FRAME_FLUSH_MS = 16;
/**
 * A hidden or covered page draws none for a while, so a frame is never waited for alone. Its timers are held to full
 * seconds; a little less than one makes it the next.
 */
const MISSING_FRAME_MS = 900;

export function createDefaultEnvironment(): Environment {
  const page = globalThis as Partial<Window & typeof globalThis> & { importScripts?: unknown };
  const setTimer = (callback: () => void, delayMs: number) => {
    // A longer one would call back at once.
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  };
  return {
    isServer: !(page.window || page.importScripts),
    now: Date.now,
    random: Math.random,
    setTimer,
    requestFlush(callback) {
      const run = () => {
        cancelTimer();
        page.cancelAnimationFrame?.(frame as number);
        callback();
      };
      const frame = page.requestAnimationFrame?.(run);
      const cancelTimer = setTimer(run, frame ? MISSING_FRAME_MS : NO_FRAME_FLUSH_MS);
    },
    // Looked up at each call: a page may replace it (tracing, mocks) after the client was made.
    fetch: (input, init) => fetch(input, init),
    // A browser that does not keep a page breaks its requests first and tells it then.
    afterPageEvents: (callback) => (page.document ? void setTimeout(callback) : callback()),
    isOnline: () => page.navigator?.onLine !== false,
    isHidden: () => page.document?.visibilityState === "hidden",
    onPageEvent(listener) {
      const controller = new AbortController();
      const { signal } = controller;
      // Captured at the window: those of the document come by here too. Workers have the first two.
      for (const type of PAGE_EVENTS) page.addEventListener?.(type, () => listener(type), { capture: true, signal });
      return () => controller.abort();
    },
  };
}

/** A URL that may be relative, to the page unless told otherwise; `undefined` where there is no page, or no such URL. */
export function toUrl(url: string | URL, base?: string): URL | undefined {
  try {
    return new URL(url, base ?? document.baseURI);
  } catch {
    return undefined;
  }
}

/** Reports what a user's callback threw, as the platform reports an uncaught error, without stopping who called it. */
export function report(error: unknown): void {
  // Node.js has no reportError, and ending a server process is not this package's decision.
  (globalThis.reportError ?? console.error)(error);
}

/** Runs a user's callback, so that what it throws is reported and stops nobody. */
export function shield<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    report(error);
    return undefined;
  }
}
