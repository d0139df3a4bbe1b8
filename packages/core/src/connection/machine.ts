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
 *                  ▲  ▲   │ failed              │ failed
 *                  │  │   ├─────────────────────┤
 *             ready│  │   │retry                │refresh
 *                  │  │   ▼                     ▼
 *                  │  │ ┌─────────┐      ┌────────────┐
 *                  │  └─│ waiting │      │ refreshing │
 *                  │    └─────────┘      └────────────┘
 *                  └─────────────────────────┘
 *
 *  close, and failed with a decision to stop, lead from any state to closed; connect leads from there to connecting.
 *  pause leads from whatever is under way to paused; resume leads from there to connecting.
 *  Where the server has demanded a wait (Retry-After), every way to connecting leads through waiting.
 *
 * What is under way belongs to the state that was entered for it and ends with it: the request and its stream to
 * connecting and open, a timer to connecting, waiting and open, the renewal of credentials to refreshing.
 */

export type MachineState = "idle" | "connecting" | "open" | "waiting" | "refreshing" | "paused" | "closed";

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

/** What happens, and when (ms since 1970). */
export type MachineEvent =
  | {
      readonly type: /** Somebody needs the connection. */
        | "retain"
        /** Nobody has needed it for the linger time. */
        | "release"
        | "connect"
        /** As connect, but an attempt or stream under way is replaced. */
        | "reconnect"
        | "close"
        | "opened"
        /** What the state waited for has come: the time of the next attempt, or new credentials. */
        | "ready"
        /** Nothing may be under way until further notice. */
        | "pause"
        | "resume";
      readonly now: number;
    }
  | { readonly type: "failed"; readonly now: number; readonly cause: SSEError; readonly decision: RetryDecision };

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
type Failed = Extract<MachineEvent, { type: "failed" }>;
type Row = { readonly [T in MachineEvent["type"]]: Step<T extends "failed" ? Failed : Pick<MachineEvent, "now">> };

const ignore = () => null;
/** A connection that has stopped forgets everything but what the server demanded. */
const rest = ({ notBefore }: MachineContext): MachineContext => ({ ...initialContext, notBefore });
const release = (context: MachineContext): Situation => ["idle", rest(context)];
const close = (context: MachineContext): Situation => ["closed", { ...rest(context), reason: "user" }];
const pause = (context: MachineContext): Situation => ["paused", { ...context, nextRetryAt: null }];
const open = (context: MachineContext): Situation => ["connecting", { ...context, nextRetryAt: null }];

/** Tries at once, skipping jitter and `retry:` but never what the server demanded by `Retry-After`. */
const hurry = (context: MachineContext, { now }: Pick<MachineEvent, "now">): Situation =>
  context.notBefore > now ? ["waiting", { ...context, nextRetryAt: context.notBefore }] : open(context);
/** Starts over, with nothing else held against the connection. */
const restart: typeof hurry = (context, event) => hurry(rest(context), event);

const failed: Row["failed"] = (context, { cause, decision, now }) => {
  if (decision === "refresh") return ["refreshing", { ...context, cause, refreshed: true }];
  if (typeof decision === "string") return ["closed", { ...context, cause, reason: decision }];
  const { delayMs, notBeforeMs, counts } = decision;
  const attempt = context.attempt + counts;
  return ["waiting", { ...context, cause, attempt, nextRetryAt: now + delayMs, notBefore: now + notBeforeMs }];
};

/** What most states make of an event. */
const inert: Row = {
  retain: ignore,
  release,
  connect: ignore,
  reconnect: ignore,
  close,
  opened: ignore,
  failed: ignore,
  ready: ignore,
  pause,
  resume: ignore,
};

const table: Readonly<Record<MachineState, Row>> = {
  idle: { ...inert, retain: hurry, release: ignore, connect: hurry, reconnect: hurry, pause: ignore },
  connecting: {
    ...inert,
    reconnect: open,
    // Opening proves little: a server may accept and refuse again at once. What was counted stays until it has lasted.
    opened: (context) => ["open", { ...context, cause: null, notBefore: 0 }],
    failed,
  },
  open: { ...inert, reconnect: open, failed },
  waiting: { ...inert, connect: hurry, reconnect: hurry, ready: open },
  refreshing: {
    ...inert,
    // The refresh itself failed. If that is worth a retry, the retry may refresh again.
    failed: (context, event) => failed({ ...context, refreshed: false }, event),
    ready: open,
  },
  paused: {
    // Whoever asks for a paused connection waits as well.
    ...inert,
    pause: ignore,
    // A refresh that the pause has interrupted is due again.
    resume: (context, event) => hurry({ ...context, refreshed: false }, event),
  },
  closed: {
    ...inert,
    // A user's disconnect() stands until a user's connect(); any other end is forgotten once everyone has left.
    release: (context) => (context.reason === "user" ? null : release(context)),
    connect: restart,
    reconnect: restart,
    pause: ignore,
  },
};

/** The situation after the event, or `null` where it changes nothing. */
export function transition([state, context]: Situation, event: MachineEvent): Situation | null {
  // The row's type has tied each step to its event already; indexing by a union loses that.
  return (table[state][event.type] as Step<MachineEvent>)(context, event);
}
