import type { FakeExchange } from "./fake-exchange.ts";
import { formatFrame } from "./frame.ts";

/** An open stream of a fake server. */
export interface FakeLink {
  readonly conn: string;
  /** Names and patterns it carries, sorted. */
  channels: readonly string[];
  write(text: string): void;
  readonly exchange: FakeExchange;
}

/** A heartbeat comes after 0.8 to 1 times its interval. Source: PROTOCOL.md, Frames. */
const EARLY = 0.9;

/**
 * Answers with a stream that sends a heartbeat whenever it has been silent.
 *
 * @param head - the id that a heartbeat carries
 */
export function openLink(
  exchange: FakeExchange,
  conn: string,
  channels: readonly string[],
  heartbeatMs: number | null,
  setTimer: (callback: () => void, delayMs: number) => () => void,
  head: () => string,
): FakeLink {
  let cancel = () => {};
  const write = (text: string) => {
    cancel();
    exchange.write(text);
    if (heartbeatMs !== null && exchange.phase === "open") cancel = setTimer(beat, heartbeatMs * EARLY);
  };
  const beat = () => write(formatFrame({ comment: "", id: head() }));
  exchange.onOver(() => cancel());
  exchange.respond(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-store, no-transform",
  });
  return { conn, channels, write, exchange };
}
