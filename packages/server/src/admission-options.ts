import type { CorsOptions } from "./cors.ts";
import type { ConnectionInfo } from "./directory.ts";
import type { DisconnectReason } from "./disconnect-reason.ts";
import type { Authorize } from "./door.ts";
import type { AuthorizeEvent } from "./event-guard.ts";
import { type LimitOptions, type OverLimit, type ResolvedLimits, resolveLimits } from "./limits.ts";
import { checkNumber, invalid } from "./option-checks.ts";

/** Options about who may come, how many, and who is told of it. */
export interface AdmissionOptions {
  /**
   * Decides about each stream, poll and change of channels. `null` is answered with 403, a `Response` is sent as it is. What
   * it throws goes to `onError`, and the client gets 500.
   *
   * @default everybody may do what the options of the request allow
   * @example
   * authorize: async ({ bearer }) => {
   *   const session = await sessions.find(bearer);
   *   return session && { user: session.user, channels: ["news", `orders/${session.user}`] };
   * }
   */
  readonly authorize?: Authorize;
  /**
   * Decides about each event and each stream or poll that would get it, live or replayed, at once and without waiting. Those it
   * does not let through are left out silently. It is asked as often as an event is looked at; streams no longer share the
   * work of a write. What it throws goes to `onError`, and the event is left out.
   *
   * @default whoever is allowed a channel gets all its events
   * @example
   * authorizeEvent: ({ user }, { channel, data }) => channel !== "orders" || data.owner === user
   */
  readonly authorizeEvent?: AuthorizeEvent;
  /** How many streams and held polls there may be, and how many channels of its own choice one may have. */
  readonly limits?: LimitOptions;
  /**
   * What is done where a limit leaves no room. `"retry"` answers 200, says when to come back, and ends; `"status"` answers
   * 429, which stops a native EventSource for good. @default "retry"
   */
  readonly overLimit?: OverLimit;
  /**
   * Number of proxies in front of the hub: the client's address is then the one that many from the right in
   * `X-Forwarded-For`. With too large a number clients can invent their address. @default 0
   */
  readonly trustProxy?: number;
  /** Which pages of other origins may read the answers. @default those of no other */
  readonly cors?: CorsOptions;
  /**
   * Gets errors that nobody waits for: those of `authorize`, `authorizeEvent`, the hooks and `cors.origins`, and of tasks whose
   * progress cannot be told. @default console.error
   */
  readonly onError?: (error: unknown) => unknown;
  /** Called when a stream has been opened and its first bytes written. */
  readonly onConnect?: (connection: ConnectionInfo) => unknown;
  /** Called when such a stream is over. */
  readonly onDisconnect?: (connection: ConnectionInfo, reason: DisconnectReason) => unknown;
}

/** The same with every default in place. */
export interface ResolvedAdmission {
  readonly authorize: Authorize | undefined;
  readonly authorizeEvent: AuthorizeEvent | undefined;
  readonly limits: ResolvedLimits;
  readonly overLimit: OverLimit;
  readonly trustProxy: number;
  readonly cors: CorsOptions | undefined;
  readonly onError: (error: unknown) => unknown;
  readonly onConnect: NonNullable<AdmissionOptions["onConnect"]> | undefined;
  readonly onDisconnect: NonNullable<AdmissionOptions["onDisconnect"]> | undefined;
}

/** Names of these options. */
export const ADMISSION_NAMES: readonly string[] = [
  "authorize",
  "authorizeEvent",
  "limits",
  "overLimit",
  "trustProxy",
  "cors",
  "onError",
  "onConnect",
  "onDisconnect",
] satisfies (keyof AdmissionOptions)[];

/**
 * Fills in defaults.
 *
 * @throws {OptionError}
 */
export function resolveAdmission(options: AdmissionOptions): ResolvedAdmission {
  const { overLimit = "retry", authorize, authorizeEvent, onConnect, onDisconnect } = options;
  if (overLimit !== "retry" && overLimit !== "status") throw invalid("overLimit", 'use "retry" or "status".');
  for (const name of ["authorize", "authorizeEvent", "onError", "onConnect", "onDisconnect"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") throw invalid(name, "use a function.");
  }
  return {
    authorize,
    authorizeEvent,
    limits: resolveLimits(options.limits ?? {}),
    overLimit,
    trustProxy: checkNumber("trustProxy", options.trustProxy ?? 0, 0),
    cors: options.cors,
    onError: options.onError ?? ((error) => console.error(error)),
    onConnect,
    onDisconnect,
  };
}
