import type { ConnectionContext } from "./connection-context.ts";
import type { Environment } from "./environment.ts";
import { formatEventId, laterPosition, type Position } from "./event-id.ts";
import type { GroupMember, Groups } from "./group.ts";
import type { History } from "./history.ts";
import type { JsonAnswer } from "./json-answer.ts";
import { toPollEvent } from "./poll-event.ts";
import type { Findings, PollReader } from "./poll-reader.ts";
import { carriedChannels, presentedId, type StreamRequest } from "./stream-request.ts";
import { createSubscription, type Subscription } from "./subscription.ts";

/** What becomes of a poll: answered at once, or held open until something comes. */
export type PollOutcome =
  | { readonly answer: JsonAnswer }
  | {
      /** Holds the poll. Calls back once and later, never before it returns; the returned function gives up on it. */
      hold(answer: (answer: JsonAnswer) => void): () => void;
    };

/** Answers requests for what a stream would have brought. */
export interface Poller {
  poll(request: StreamRequest, authorised: readonly string[]): PollOutcome;
  /** Answers all polls that are held, and from now on each at once; `retryMs` says when to come back. */
  close(retryMs: () => number): void;
}

/** What {@link createPoller} needs. */
export interface PollerConfig {
  readonly context: ConnectionContext;
  readonly environment: Environment;
  readonly history: History;
  readonly groups: Groups;
  readonly read: PollReader;
  readonly pollWaitMs: number;
  readonly retryMs: readonly [min: number, max: number];
  /** Writes what is pending; returns up to where. */
  flush(): Position;
}

/**
 * Longest a client that was given events waits before it asks again: on a busy channel the next answer then has the events
 * of some time, and those who were answered together do not come back together.
 */
const BUSY_RETRY_MS = 200;

/** Creates the poller of a hub. A poll that is held is a member of a group like a stream, with a timer of its own. */
export function createPoller(config: PollerConfig): Poller {
  const { context, environment, history, groups, read, pollWaitMs, flush } = config;
  const { epoch, counters } = context;
  const held = new Set<(flushedTo: Position) => void>();
  let awayMs: (() => number) | undefined;

  function draw(min: number, max: number): number {
    return Math.round(min + (max - min) * environment.random());
  }

  function retryAfter({ entries, gaps, more }: Findings, isHeld: boolean): number {
    if (awayMs) return awayMs();
    if (more) return 0;
    if (!isHeld) return draw(...config.retryMs);
    return isNothing({ entries, gaps }) ? 0 : draw(0, BUSY_RETRY_MS);
  }

  function render({ channels }: Subscription, found: Findings, isHeld: boolean): JsonAnswer {
    for (const { reason } of found.gaps) counters.gaps[reason]++;
    counters.deliveries += found.entries.length;
    const body = {
      events: found.entries.map((entry) => toPollEvent(epoch, entry)),
      id: formatEventId(epoch, found.upTo),
      gaps: found.gaps,
      retryMs: retryAfter(found, isHeld),
      epoch,
      channels,
    };
    return { status: 200, body };
  }

  function hold(subscription: Subscription, from: Position, answer: (answer: JsonAnswer) => void): () => void {
    const group = groups.open(subscription.channels);
    let cursor = from;
    let live = true;
    const look = () => read(subscription, formatEventId(epoch, cursor));
    const member: GroupMember = {
      advanceTo(position) {
        if (!live) return;
        live = false;
        cursor = laterPosition(cursor, position);
      },
      deliver() {
        const found = look();
        if (!isNothing(found)) return finish(found);
        cursor = found.upTo;
        live = true;
      },
    };

    function release() {
      cancelTimer();
      held.delete(giveIn);
      groups.leave(group, member);
    }

    function finish(found: Findings) {
      release();
      answer(render(subscription, found, true));
    }

    function giveIn(flushedTo: Position) {
      if (live) cursor = laterPosition(cursor, flushedTo);
      finish(look());
    }

    const cancelTimer = environment.setTimer(() => {
      const flushedTo = flush();
      // That may have been the answer.
      if (held.has(giveIn)) giveIn(flushedTo);
    }, pollWaitMs);
    group.connections.add(member);
    held.add(giveIn);
    return release;
  }

  return {
    poll(request, authorised) {
      history.expire();
      const subscription = createSubscription(carriedChannels(request, authorised));
      const lastEventId = presentedId(request);
      const isHeld = pollWaitMs > 0 && request.query.get("wait") !== "0";
      const found = read(subscription, lastEventId);
      if (lastEventId === undefined || !isHeld || awayMs || !isNothing(found))
        return { answer: render(subscription, found, isHeld) };
      return { hold: (answer) => hold(subscription, found.upTo, answer) };
    },
    close(retryMs) {
      awayMs = retryMs;
      const flushedTo = flush();
      for (const giveIn of [...held]) if (held.has(giveIn)) giveIn(flushedTo);
    },
  };
}

function isNothing({ gaps, entries }: Pick<Findings, "gaps" | "entries">): boolean {
  return gaps.length === 0 && entries.length === 0;
}
