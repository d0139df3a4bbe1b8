import type { ChannelMap, Channels } from "./channels/define-channels.ts";
import type { RetryPolicy } from "./connection/backoff.ts";
import type { Environment } from "./environment.ts";
import { SSEError } from "./errors.ts";

/** What a function given as an option is told about the attempt it is called for. */
export interface RequestContext {
  /** Failed attempts in a row before this one. */
  readonly attempt: number;
  /** What ended the last one; `null` for the first. */
  readonly cause: SSEError | null;
  /** What will be sent as `Last-Event-ID`; empty for nothing. */
  readonly lastEventId: string;
  /** Aborted when the attempt is no longer wanted. */
  readonly signal: AbortSignal;
}

/** A value, or a function called before every attempt that gives it. */
export type PerAttempt<T> = T | ((context: RequestContext) => T | Promise<T>);

/**
 * Options of a client. Functions, `headers`, `withCredentials` and `maxEventChars` are read whenever they are needed, the
 * others once.
 */
export interface ClientOptions<T extends ChannelMap = ChannelMap> {
  /** Where the stream is. Relative URLs are resolved by the browser when connecting, so rendering on a server works. */
  url: PerAttempt<string | URL>;
  /**
   * The application's channels, see {@link defineChannels}.
   * @default none: every event name is a channel, its data JSON where it is JSON, else text
   */
  channels?: Channels<T> | undefined;
  /** Request headers, as `Authorization`. @default none */
  headers?: PerAttempt<Readonly<Record<string, string>>> | undefined;
  /** Sends cookies to other origins too (their CORS answer must allow it). @default false */
  withCredentials?: boolean | undefined;
  /**
   * Whether the server speaks PROTOCOL.md is found out by its first event. Set `true` if it is known to: the
   * connection then counts as open from its first byte on, so that a proxy which holds back data is not taken for one.
   * @default false
   */
  contract?: boolean | undefined;
  /** How to come back after a failure; `false` never does. @default { baseMs: 2000, capMs: 30000, maxAttempts: null } */
  retry?: Partial<RetryPolicy> | boolean | undefined;
  /** How long the connection stays after its last subscriber has left, in ms. @default 1000 */
  lingerMs?: number | undefined;
  /**
   * Messages kept in `history` per channel.
   * @default 100 each
   */
  retain?: { readonly [Name in keyof T]?: number } | undefined;
  /** Largest event taken, in characters; a larger one closes the connection. @default 8000000 */
  maxEventChars?: number | undefined;
  /**
   * Renews credentials after a 401, a 403 or `sse.bye` with reason `expired`; then the client connects again, once.
   * Throw `new SSEError("unauthorized", …)` to give up; any other error is retried as a network failure is.
   * @default none: 401 and 403 close the connection
   */
  onUnauthorized?:
    | ((context: { readonly cause: SSEError; readonly signal: AbortSignal }) => void | Promise<void>)
    | undefined;
  /**
   * Receives every failed attempt and every message that cannot be decoded; not a stream that merely ended or said
   * goodbye.
   * @default none
   */
  onError?: ((error: SSEError) => void) | undefined;
  /**
   * For `useSSE(url)`: tells apart clients of one URL that must not share a connection, as those of two identities.
   * @default ""
   */
  key?: string | undefined;
  /** Replaces parts of the machine the client runs on; for tests and unusual runtimes. @default its globals */
  environment?: Partial<Environment> | undefined;
}

/** What an option may be. */
const kinds = {
  url: "string, object, function",
  channels: "object",
  headers: "object, function",
  withCredentials: "boolean",
  contract: "boolean",
  retry: "object, boolean",
  lingerMs: "unsigned integer",
  retain: "object",
  maxEventChars: "unsigned integer",
  onUnauthorized: "function",
  onError: "function",
  key: "string",
  environment: "object",
} satisfies Record<keyof ClientOptions, string>;

const retryKinds = {
  baseMs: "unsigned integer",
  capMs: "unsigned integer",
  maxAttempts: "unsigned integer, null",
} satisfies Record<keyof RetryPolicy, string>;

/** @throws SSEError `invalid-option` naming the first option that is missing, misspelt or of the wrong kind */
export function checkOptions<T extends ChannelMap>(options: ClientOptions<T>): void {
  const { url, retry, retain = {}, channels = retain } = options;
  check(options, kinds);
  check(Object(retry), retryKinds, "retry.");
  // Without definitions any channel may be named.
  check(retain, channels, "retain.", "unsigned integer");
  if (!isUrl(url)) fail("url", url, "an http(s) URL");
}

/** @param kind - of every value, where `known` does not tell */
function check(values: object, known: object, prefix = "", kind?: string): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(name in known)) fail(prefix + name, "unknown", `one of ${Object.keys(known)}`);
    const expected = kind ?? (known as Readonly<Record<string, string>>)[name];
    // A shift by nothing leaves only 32-bit unsigned integers as they are.
    const found = value === null ? "null" : value >>> 0 === value ? "unsigned integer" : typeof value;
    // Undefined always means the default.
    if (value !== undefined && !expected!.includes(found)) fail(prefix + name, value, expected!);
  }
}

function isUrl(url: unknown): boolean {
  try {
    // The base only stands in for a page's address, so that relative URLs pass.
    return typeof url === "function" || (!!url && /^https?:/.test(new URL(`${url}`, "http://a").protocol));
  } catch {
    return false;
  }
}

function fail(option: string, found: unknown, expected: string): never {
  throw new SSEError("invalid-option", `Option "${option}" is ${found}. Pass ${expected}.`, { option });
}
