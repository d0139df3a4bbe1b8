import type { Retain, SSEMessage } from "./channels/channel.ts";
import type { ChannelMap, Channels } from "./channels/define-channels.ts";
import type { SnapshotSource } from "./channels/snapshot.ts";
import type { SubscriptionFactory } from "./channels/subscription.ts";
import type { RetryPolicy } from "./connection/backoff.ts";
import { type Environment, toUrl } from "./environment.ts";
import { SSEError } from "./errors.ts";
import type { Fallback, TransportFactory } from "./transport/transport.ts";

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
 * Options of a client. Functions and what belongs to the request (`query`, `headers`, `method`, `body`, `withCredentials`,
 * `resumeBy`, `idempotent`, `maxEventChars`) are read whenever they are needed, the others once.
 */
export interface ClientOptions<T extends ChannelMap = ChannelMap> {
  /**
   * Where the stream is, by http or https. Relative URLs are resolved by the browser when connecting, so rendering on a server
   * works.
   */
  url: PerAttempt<string | URL>;
  /**
   * The application's channels, see `defineChannels()`.
   * @default none: every event name is a channel, its data JSON where it is JSON, else text
   */
  channels?: Channels<T> | undefined;
  /**
   * How the server is told which channels somebody has subscribed to: `query()` or `dynamic()`.
   * @default not at all: it sends everything it lets this client have
   */
  subscription?: SubscriptionFactory | undefined;
  /** Parameters added to the URL; they replace those it has by the same names. @default none */
  query?: PerAttempt<Readonly<Record<string, string>> | undefined> | undefined;
  /** Request headers, as `Authorization`. `Accept` and `Last-Event-ID` are the client's own. @default none */
  headers?: PerAttempt<Readonly<Record<string, string>> | undefined> | undefined;
  /** HTTP method. One other than GET is not sent again by itself, see `idempotent`. @default "GET"; "POST" with a body */
  method?: PerAttempt<string | undefined> | undefined;
  /** Body of the request, as `fetch` takes it; its type is said in `headers`. @default none */
  body?: PerAttempt<BodyInit | null | undefined> | undefined;
  /**
   * Whether a request of another method than GET may be sent again when its stream breaks. One whose stream has given an
   * id is sent again anyway, as it then continues. Without effect on GET.
   * @default false
   */
  idempotent?: boolean | undefined;
  /**
   * How the position is sent: as `Last-Event-ID` header, or as `lastEventId` in the query, which spares requests to
   * another origin the preflight that the header causes.
   * @default "header"
   */
  resumeBy?: "header" | "query" | undefined;
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
  /** How long the connection, and a channel that was asked for, stays after its last subscriber, in ms. @default 1000 */
  lingerMs?: number | undefined;
  /**
   * Longest silence of a healthy stream, in ms, of a server that does not say so itself (PROTOCOL.md, `sse.hello`). After
   * 1.5 times that the connection is `stale`, after 2.5 times it is replaced. `null`: any silence is fine.
   * @default null
   */
  heartbeatMs?: number | null | undefined;
  /**
   * How long to wait for an answer, in ms. Then an error of code `timeout` explains what may be wrong. In contract mode the
   * attempt has failed, and the first byte counts, not the headers.
   * @default 10000
   */
  firstByteTimeoutMs?: number | undefined;
  /** Pauses the connection when the page has been hidden for so long, in ms; `null`: never. @default null */
  pauseHiddenAfterMs?: number | null | undefined;
  /**
   * Messages kept in `history` per channel, or `{ limit, overflow }`. `coalesce` compares by the channel's `key`; without one it
   * is `drop-oldest`.
   * @default the newest 100 each
   */
  retain?: { readonly [Name in keyof T]?: number | Retain } | undefined;
  /**
   * Where the state of a channel comes from after a gap, see `snapshot()`. Its messages wait meanwhile.
   * @default none: a gap is shown, and messages go on after it
   */
  snapshots?: { readonly [Name in keyof T]?: SnapshotSource<T[Name]> } | undefined;
  /** Largest event taken, in characters; a larger one closes the connection with code `too-large`. @default 8000000 */
  maxEventChars?: number | undefined;
  /**
   * Takes a last block without its blank line for an event, as some servers of finite answers end theirs. The standard
   * discards it, as it may have been cut.
   * @default false
   */
  flushAtEnd?: boolean | undefined;
  /**
   * Renews credentials after a 401, a 403 or `sse.bye` with reason `expired`; then the client connects again, once.
   * Throw `new SSEError("unauthorized", …)` to give up; any other error is retried as a network failure is. Clients that
   * were given the same function share a call that is under way. Only `disconnect()`, `authenticate()` and pausing end one
   * that does not settle: give it a time limit, as `AbortSignal.any([signal, AbortSignal.timeout(10_000)])`.
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
  /** When a message was sent (ms since 1970), for `latencyMs` of the statistics; not asked for replayed ones. @default none */
  sentAt?: ((message: SSEMessage<T[keyof T]>) => number | undefined) | undefined;
  /** Stands in when streams do not get through, as `polling()` does. It makes the server one of the contract. @default none */
  fallback?: Fallback | undefined;
  /** Carries the stream in place of `fetch`, as `native()` does. @default none */
  transport?: TransportFactory | undefined;
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
  subscription: "function",
  query: "object, function",
  headers: "object, function",
  method: "string, function",
  body: "string, object, function",
  idempotent: "boolean",
  resumeBy: '"header", "query"',
  withCredentials: "boolean",
  contract: "boolean",
  retry: "object, boolean",
  lingerMs: "unsigned integer",
  heartbeatMs: "unsigned integer, null",
  firstByteTimeoutMs: "unsigned integer",
  pauseHiddenAfterMs: "unsigned integer, null",
  retain: "object",
  snapshots: "object",
  maxEventChars: "unsigned integer",
  flushAtEnd: "boolean",
  onUnauthorized: "function",
  onError: "function",
  sentAt: "function",
  fallback: "function",
  transport: "function",
  key: "string",
  environment: "object",
} satisfies Record<keyof ClientOptions, string>;

const retryKinds = {
  baseMs: "unsigned integer",
  capMs: "unsigned integer",
  maxAttempts: "unsigned integer, null",
} satisfies Record<keyof RetryPolicy, string>;

const retainKinds = {
  limit: "unsigned integer",
  overflow: '"drop-oldest", "drop-newest", "coalesce"',
} satisfies Record<keyof Retain, string>;

// Bundlers replace `process.env.NODE_ENV`; the types of Node.js are not needed for that.
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

/**
 * Names and kinds are what a developer gets wrong, so a production bundle does without that check: it is a twentieth of
 * the whole. The URL may come from anywhere.
 *
 * @throws SSEError `invalid-option` naming the first option that is missing, misspelt or of the wrong kind
 */
export function checkOptions<T extends ChannelMap>(options: ClientOptions<T>): void {
  const { url } = options;
  let error: SSEError | undefined;
  try {
    if (process.env["NODE_ENV"] !== "production") error = findMistake(options);
  } catch {
    // No `process`: a browser without a bundler, where nobody can tell development from production.
  }
  // The base only stands in for a page's address, so that relative URLs pass.
  const isUrl = typeof url === "function" || /^http/.test(`${url && toUrl(url, "http://a")?.protocol}`);
  if (!isUrl) error ??= refuse("url", url, "an http(s) URL");
  if (error) throw error;
}

function findMistake<T extends ChannelMap>(options: ClientOptions<T>): SSEError | undefined {
  const { retry, retain = {}, snapshots = {}, channels } = options;
  return (
    check(options, kinds) ??
    check(Object(retry), retryKinds, "retry.") ??
    // Without definitions any channel may be named.
    check(snapshots, channels ?? snapshots, "snapshots.", "function") ??
    check(retain, channels ?? retain, "retain.", "unsigned integer, object") ??
    Object.entries(retain)
      .map(([name, value]) => checkRetain(`retain.${name}.`, value))
      .find(Boolean)
  );
}

function checkRetain(prefix: string, value: unknown): SSEError | undefined {
  if (typeof value !== "object") return;
  // Without a limit everything would be kept.
  const { limit = "undefined" } = value as Partial<Retain>;
  return check({ ...value, limit }, retainKinds, prefix);
}

/** @param kind - of every value, where `known` does not tell */
function check(values: object, known: object, prefix = "", kind?: string): SSEError | undefined {
  for (const [name, value] of Object.entries(values)) {
    if (!(name in known)) return refuse(prefix + name, "unknown", `one of ${Object.keys(known)}`);
    const expected = kind ?? (known as Readonly<Record<string, string>>)[name]!;
    // A shift by nothing leaves only 32-bit unsigned integers as they are.
    const found = value === null ? "null" : value >>> 0 === value ? "unsigned integer" : typeof value;
    // Undefined always means the default; of some strings only a few are known.
    if (value !== undefined && !expected.includes(found) && !expected.includes(`"${value}"`))
      return refuse(prefix + name, value, expected);
  }
}

function refuse(option: string, found: unknown, expected: string): SSEError {
  return new SSEError("invalid-option", `Option "${option}" is ${found}. Pass ${expected}.`, { option });
}
