import { checkSubscriptionName } from "./channel-name.ts";

/** What a client asks to change about a stream of its own. */
export interface ChannelChange {
  /** Name of the connection. */
  readonly conn: string;
  /** Names and patterns, each once. */
  readonly subscribe: ReadonlySet<string>;
  readonly unsubscribe: ReadonlySet<string>;
  /** Ids up to which the client has seen channels it adds. */
  readonly since: ReadonlyMap<string, string>;
}

/** Most channels one request may name, and most a stream may come to carry by such requests. */
export const MAX_CHANNELS = 1_000;

/** Why a body is no change. */
export class ChannelChangeError extends Error {}

/**
 * Reads the body of a request: bytes, text, or what middleware has made of it.
 *
 * @throws {ChannelChangeError} with what is wrong.
 */
export function parseChannelChange(body: unknown): ChannelChange {
  const { conn, subscribe, unsubscribe, since } = asObject("the body", parseJson(body));
  if (typeof conn !== "string" || conn === "") throw new ChannelChangeError('"conn" must be a non-empty string.');
  return {
    conn,
    subscribe: asNames("subscribe", subscribe),
    unsubscribe: asNames("unsubscribe", unsubscribe),
    since: asIds(since),
  };
}

function parseJson(body: unknown): unknown {
  const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : body;
  if (typeof text !== "string") return body;
  try {
    return JSON.parse(text);
  } catch {
    throw new ChannelChangeError("The body is not JSON.");
  }
}

function asObject(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ChannelChangeError(`Make ${what} a JSON object.`);
}

function asNames(field: string, value: unknown = []): ReadonlySet<string> {
  if (!Array.isArray(value)) throw new ChannelChangeError(`"${field}" must be an array of channel names.`);
  if (value.length > MAX_CHANNELS) throw new ChannelChangeError(`"${field}" has more than ${MAX_CHANNELS} names.`);
  for (const name of value) checkName(field, name);
  return new Set(value);
}

function checkName(field: string, name: unknown): void {
  try {
    checkSubscriptionName(name as string);
  } catch (error) {
    throw new ChannelChangeError(`"${field}": ${(error as Error).message}`);
  }
}

function asIds(value: unknown = {}): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const [channel, id] of Object.entries(asObject('"since"', value))) {
    if (typeof id !== "string") throw new ChannelChangeError('"since" must have a string for every channel.');
    // As in a header or query, an empty one is none.
    if (id !== "") ids.set(channel, id);
  }
  return ids;
}
