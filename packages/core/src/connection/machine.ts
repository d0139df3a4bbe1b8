import type { SSEError } from "../errors.ts";
import type { RetryDecision } from "./backoff.ts";
import type { CloseReason } from "./close-reason.ts";

/*
 * The life of one connection, as a pure function: no clock, no I/O, no chance.
 *
 *                      release, from any state
 *      ┌───────────────────────────────
 *      ▼
 *  ┌──────┐ retain,  ┌────────────┐ opened  ┌──────┐
 *  │ idle │─connect─▶│ connecting │────────▶│ open │
 *  └──────┘          └────────────┘         └──────┘
 *                     ▲  ▲   │ failed           │ failed
 *                     │  │   ├──────────────────┤
 *                ready│  │   │retry             │refresh
 *                     │  │   ▼                  ▼
 *                     │  │ ┌─────────┐   ┌────────────┐
 *                     │  └─│ waiting │   │ refreshing │
 *                     │    └─────────┘   └────────────┘
 *                     └─────────────────────────┘
 *
 *  close, and failed with a decision to stop, lead from any state to closed; connect leads from there to connecting.
 *
 * What is under way belongs to the state that was entered for it and ends with it: the request and its stream to
 * connecting and open, a timer to waiting and to open, the renewal of credentials to refreshing.
 */

export type MachineState = "idle" | "connecting" | "open" | "waiting" | "refreshing" | "closed";

export interface MachineContext {
  /** Failed attempts in a row. */
  readonly attempt: number;
  readonly cause: SSEError | null;
  readonly reason: CloseReason | null;
  readonly nextRetryAt: number | null;
  /** Nothing may be sent before this moment, whoever asks. */
  readonly notBefore: number;
  /** Credentials were refreshed since a stream last proved healthy. */
  readonly refreshed: boolean;
}

export type MachineEvent =
  /** The first subscriber came. */
  | { readonly type: "retain" }
  /** The last subscriber has been gone for the linger time. */
  | { readonly type: "release" }
  | { readonly type: "connect"; readonly now: number }
  /** As connect, but an attempt or stream under way is replaced. */
  | { readonly type: "reconnect"; readonly now: number }
  | { readonly type: "close"; readonly now: number }
  | { readonly type: "opened" }
  | { readonly type: "failed"; readonly cause: SSEError; readonly decision: RetryDecision; readonly now: number }
  /** What the state waited for has come: the time of the next attempt, or new credentials. */
  | { readonly type: "ready" };

/** A state and what is known in it. */
export type Situation = readonly [MachineState, MachineContext];

const initialContext: MachineContext = {
  attempt: 0,
  cause: null,
  reason: null,
  nextRetryAt: null,
  notBefore: 0,
  refreshed: false,
};

export const initialSituation: Situation = ["idle", initialContext];

/** `null` changes nothing. Anything else enters the state, anew if it was the same before. */
type Step<E> = (context: MachineContext, event: E) => Situation | null;
type Row = { readonly [T in MachineEvent["type"]]: Step<Extract<MachineEvent, { type: T }>> };

const ignore = () => null;
const release = () => initialSituation;
const close = (): Situation => ["closed", { ...initialContext, reason: "user" }];
const open = (context: MachineContext): Situation => ["connecting", { ...context, nextRetryAt: null }];
/** A connection that had stopped starts over, with nothing held against it. */
const restart = () => open(initialContext);

/** Tries at once, skipping jitter and `retry:` but never what the server demanded by `Retry-After`. */
const hurry = (context: MachineContext, { now }: { readonly now: number }): Situation =>
  context.notBefore > now ? ["waiting", { ...context, nextRetryAt: context.notBefore }] : open(context);

const failed: Row["failed"] = (context, { cause, decision, now }) => {
  if (decision === "refresh") return ["refreshing", { ...context, cause, refreshed: true }];
  if (typeof decision === "string") return ["closed", { ...context, cause, reason: decision }];
  const { delayMs, notBeforeMs } = decision;
  const attempt = context.attempt + 1;
  return ["waiting", { ...context, cause, attempt, nextRetryAt: now + delayMs, notBefore: now + notBeforeMs }];
};

const table: Readonly<Record<MachineState, Row>> = {
  idle: {
    retain: open,
    release: ignore,
    connect: open,
    reconnect: open,
    close,
    opened: ignore,
    failed: ignore,
    ready: ignore,
  },
  connecting: {
    retain: ignore,
    release,
    connect: ignore,
    reconnect: open,
    close,
    // Opening proves little: a server may accept and refuse again at once. What was counted stays until it has lasted.
    opened: (context) => ["open", { ...context, cause: null, notBefore: 0 }],
    failed,
    ready: ignore,
  },
  open: {
    retain: ignore,
    release,
    connect: ignore,
    reconnect: open,
    close,
    opened: ignore,
    failed,
    ready: ignore,
  },
  waiting: {
    retain: ignore,
    release,
    connect: hurry,
    reconnect: hurry,
    close,
    opened: ignore,
    failed: ignore,
    ready: open,
  },
  refreshing: {
    retain: ignore,
    release,
    connect: ignore,
    reconnect: ignore,
    close,
    opened: ignore,
    // The refresh itself failed. If that is worth a retry, the retry may refresh again.
    failed: (context, event) => failed({ ...context, refreshed: false }, event),
    ready: open,
  },
  closed: {
    // A user's disconnect() stands until a user's connect(); any other end is forgotten once everyone has left.
    retain: ignore,
    release: ({ reason }) => (reason === "user" ? null : initialSituation),
    connect: restart,
    reconnect: restart,
    close,
    opened: ignore,
    failed: ignore,
    ready: ignore,
  },
};

/** The situation after the event, or `null` where it changes nothing. */
export function transition([state, context]: Situation, event: MachineEvent): Situation | null {
  // The row's type has tied each step to its event already; indexing by a union loses that.
  return (table[state][event.type] as Step<MachineEvent>)(context, event);
}
