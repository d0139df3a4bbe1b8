/** How the server was started. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Decides all content. */
  readonly seed: number;
  /** Time between two rounds of trades. */
  readonly tickMs: number;
  /** Range of the reconnection delay that streams are told; `undefined` leaves it to the hub. */
  readonly retryMs: readonly [min: number, max: number] | undefined;
  /** Longest silence of a stream. Short, so that whoever watches does not wait long for a silent one to be noticed. */
  readonly heartbeatMs: number;
  /** How long a task takes. */
  readonly jobMs: number;
  /** Events kept per channel for those who reconnect. */
  readonly history: number;
}

/** An environment variable that cannot be used. The message is one sentence for whoever set it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Longest delay a timer keeps. */
const MAX_MS = 2 ** 31 - 1;

/**
 * Reads PORT, HOST, SEED, TICK_MS, RETRY_MS, HEARTBEAT_MS, JOB_MS and HISTORY.
 *
 * @throws {ConfigError}
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const integer = (name: string, fallback: number, min: number, max: number) => {
    const text = env[name]?.trim();
    if (!text) return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new ConfigError(`${name} is "${text}", but must be an integer from ${min} to ${max}.`);
  };
  return {
    port: integer("PORT", 8080, 0, 65_535),
    host: env["HOST"]?.trim() || "127.0.0.1",
    seed: integer("SEED", 1, 0, 2 ** 32 - 1),
    tickMs: integer("TICK_MS", 250, 1, MAX_MS),
    retryMs: readRange(env["RETRY_MS"]?.trim()),
    heartbeatMs: integer("HEARTBEAT_MS", 2_000, 100, 60_000),
    jobMs: integer("JOB_MS", 6_000, 100, 600_000),
    history: integer("HISTORY", 500, 1, 100_000),
  };
}

function readRange(text: string | undefined): Config["retryMs"] {
  if (!text) return undefined;
  const [, low, high] = /^(\d+)\s*,\s*(\d+)$/.exec(text) ?? [];
  const [min, max] = [Number(low), Number(high)];
  if (min <= max && max <= MAX_MS) return [min, max];
  throw new ConfigError(
    `RETRY_MS is "${text}", but must be two integers with the smaller one first, in milliseconds, as in "50,150".`,
  );
}
