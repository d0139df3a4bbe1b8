import { DEFAULTS } from "./defaults.ts";
import type { CompleteEnvironment, Environment } from "./environment.ts";
import { checkFields, checkNumber, invalid } from "./option-checks.ts";
import { resolveOptions } from "./options.ts";
import type { SessionMessage } from "./session-message.ts";

/** Options of `createSession` and `createFetchSession`. */
export interface SessionOptions {
  /**
   * The first event, or what makes it of the session's id; `false` for none.
   * @default (id) => ({ event: "welcome", data: { id } })
   */
  readonly welcome?: SessionMessage | ((id: string) => SessionMessage) | false;
  /** Response headers; they win over the session's own, except `content-type`. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Range of the `retry:` the client is told, in milliseconds. @default [2_000, 4_000] */
  readonly retryMs?: readonly [min: number, max: number];
  /** A comment is written when nothing else was for 0.8 to 1 times this long; `null` for none. At least 25. @default 15_000 */
  readonly heartbeatMs?: number | null;
  /**
   * Bytes that the peer has not taken. Sending drops the session once it is behind by as many, so that it never costs
   * more than these and one message. Awaiting each `send` keeps far below. @default 1_048_576
   */
  readonly maxBufferedBytes?: number;
  /** A session whose peer has bytes to take and takes none for this long is dropped. At least 20. @default 30_000 */
  readonly stallMs?: number;
  /** Clock, timers and ids. @default those of the platform */
  readonly environment?: Environment;
}

/** Options with nothing left to default. */
export interface SessionSettings {
  readonly welcome: ((id: string) => SessionMessage) | false;
  readonly headers: Readonly<Record<string, string>>;
  readonly retryMs: readonly [min: number, max: number];
  readonly heartbeatMs: number | null;
  readonly maxBufferedBytes: number;
  readonly stallMs: number;
  readonly environment: CompleteEnvironment;
}

const NAMES = ["welcome", "headers", "retryMs", "heartbeatMs", "maxBufferedBytes", "stallMs", "environment"];

/**
 * Fills in defaults.
 *
 * @throws {OptionError}
 */
export function resolveSessionOptions(options: SessionOptions): SessionSettings {
  checkFields("", options, NAMES);
  const { welcome, headers = {}, maxBufferedBytes, stallMs, ...shared } = options;
  if (typeof headers !== "object" || headers === null) throw invalid("headers", "use an object.");
  const { retryMs, heartbeatMs, environment } = resolveOptions(shared);
  return {
    welcome: resolveWelcome(welcome),
    headers,
    retryMs,
    heartbeatMs,
    maxBufferedBytes: checkNumber("maxBufferedBytes", maxBufferedBytes ?? DEFAULTS.slow.maxBufferedBytes, 1),
    stallMs: checkNumber("stallMs", stallMs ?? DEFAULTS.slow.stallMs, 20),
    environment,
  };
}

function resolveWelcome(welcome: SessionOptions["welcome"]): SessionSettings["welcome"] {
  if (welcome === undefined) return (id) => ({ event: "welcome", data: { id } });
  if (welcome === false || typeof welcome === "function") return welcome;
  if (typeof welcome === "object" && welcome !== null) return () => welcome;
  throw invalid("welcome", "use a message, a function that makes one, or false.");
}
