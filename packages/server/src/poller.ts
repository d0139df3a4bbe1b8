import type { ConnectionContext } from "./connection-context.ts";
import type { ResolvedTarget } from "./disconnect-target.ts";
import { drawMs } from "./draw.ts";
import type { CompleteEnvironment } from "./environment.ts";
import { comparePositions, formatEventId, laterPosition, type Position } from "./event-id.ts";
import type { GroupMember, Groups } from "./group.ts";
import type { History } from "./history.ts";
import type { Inboxes } from "./inboxes.ts";
import type { JsonAnswer } from "./json-answer.ts";
import type { Limits, ResolvedLimits } from "./limits.ts";
import type { Mailboxes } from "./mailboxes.ts";
import { type Pass, untilMoment } from "./pass.ts";
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
  /** Never holds a poll that is to be told when to come back. */
  poll(request: StreamRequest, pass: Pass, retryMs?: number): PollOutcome;
  /** Answers those that are held for a target, as if their permission were over; returns their number. */
  expire(target: ResolvedTarget, flushedTo: Position): number;
  /** Answers all polls that are held, and from now on each at once; `retryMs` says when to come back. */
  close(retryMs: () => number): void;
}

/** What {@link createPoller} needs. */
export interface PollerConfig {
  readonly context: ConnectionContext;
  readonly environment: CompleteEnvironment;
  readonly history: History;
  readonly groups: Groups;
  readonly mailboxes: Mailboxes;
  readonly inboxes: Inboxes;
  readonly read: PollReader;
  readonly pollWaitMs: number;
  readonly retryMs: readonly [min: number, max: number];
  readonly limits: Pick<ResolvedLimits, "channelsPerConnection">;
  /** Count what is held. */
  readonly seats: Pick<Limits, "take" | "leave">;
  /** Writes what is pending; returns up to where. */
  flush(): Position;
}

/**
 * Longest a client that was given events waits before it asks again: on a busy channel the next answer then has the events
 * of some time, and those who were answered together do not come back together.
 */
const BUSY_RETRY_MS = [0, 200] as const;

/** Creates the poller of a hub. A poll that is held is a member of a group like a stream, with a timer of its own. */
export function createPoller(config: PollerConfig): Poller {
  const { context, environment, history, groups, mailboxes, inboxes, read, pollWaitMs, flush, seats } = config;
  const { epoch, counters } = context;
  const held = new Map<(flushedTo: Position) => void, Pass>();
  let awayMs: (() => number) | undefined;

  function retryAfter({ entries, gaps, more }: Findings, isHeld: boolean): number {
    if (awayMs) return awayMs();
    if (more) return 0;
    if (!isHeld) return drawMs(config.retryMs, environment.random);
    return isNothing({ entries, gaps }) ? 0 : drawMs(BUSY_RETRY_MS, environment.random);
  }

  function render({ channels }: Subscription, found: Findings, retryMs: number): JsonAnswer {
    for (const { reason } of found.gaps) counters.gaps[reason]++;
    counters.deliveries += found.entries.length;
    const body = {
      events: found.entries.map((entry) => toPollEvent(epoch, entry)),
      id: formatEventId(epoch, found.upTo),
      gaps: found.gaps,
      retryMs,
      epoch,
      channels,
    };
    return { status: 200, body };
  }

  function hold(
    subscription: Subscription,
    from: Position,
    pass: Pass,
    answer: (answer: JsonAnswer) => void,
  ): () => void {
    const seat = seats.take(pass);
    const group = groups.open(subscription.channels);
    const inbox = inboxes.open(pass.user);
    let cursor = from;
    // A filter may have published while it was read for, when this was not among those who are woken.
    let live = comparePositions(context.head(), from) <= 0;
    const look = () => read(subscription, formatEventId(epoch, cursor), pass);
    const member: GroupMember = {
      group: () => group,
      advanceTo(position) {
        if (!live) return;
        live = false;
        cursor = laterPosition(cursor, position);
      },
      deliver() {
        // Told something that is not in the log. That is for streams.
        if (live) return;
        const found = look();
        if (!isNothing(found)) return finish(found);
        cursor = found.upTo;
        live = true;
      },
    };

    function release() {
      seats.leave(seat);
      cancelTimer();
      cancelLook?.();
      held.delete(giveIn);
      groups.leave(group, member);
      inboxes.leave(inbox, member);
    }

    function finish(found: Findings) {
      release();
      answer(render(subscription, found, retryAfter(found, true)));
    }

    function giveIn(flushedTo: Position) {
      if (live) cursor = laterPosition(cursor, flushedTo);
      finish(look());
    }

    const cancelTimer = environment.setTimer(
      () => {
        const flushedTo = flush();
        // That may have been the answer.
        if (held.has(giveIn)) giveIn(flushedTo);
      },
      Math.max(0, Math.min(pollWaitMs, untilMoment(pass.expiry, environment))),
    );
    const cancelLook = live ? undefined : environment.defer(() => member.deliver(environment.now()));
    group.connections.add(member);
    inboxes.join(inbox, member);
    held.set(giveIn, pass);
    return release;
  }

  function giveInAll(matches: (pass: Pass) => boolean, flushedTo: Position): number {
    let count = 0;
    for (const [giveIn, pass] of [...held]) {
      // An answer can be the end of another one.
      if (!matches(pass) || !held.has(giveIn)) continue;
      count++;
      giveIn(flushedTo);
    }
    return count;
  }

  return {
    poll(request, pass, retryMs) {
      history.expire();
      mailboxes.expire(pass.user);
      const channels = carriedChannels(request, pass.channels, config.limits.channelsPerConnection);
      const subscription = createSubscription(channels);
      const lastEventId = presentedId(request);
      const canHold = pollWaitMs > 0 && request.query.get("wait") !== "0";
      const found = read(subscription, lastEventId, pass);
      const isAnswered = lastEventId === undefined || !canHold || awayMs || !isNothing(found) || retryMs !== undefined;
      if (isAnswered) return { answer: render(subscription, found, retryMs ?? retryAfter(found, canHold)) };
      return { hold: (answer) => hold(subscription, found.upTo, pass, answer) };
    },
    expire({ by, value }, flushedTo) {
      return giveInAll((pass) => by !== "id" && pass[by] === value, flushedTo);
    },
    close(retryMs) {
      awayMs = retryMs;
      giveInAll(() => true, flush());
    },
  };
}

function isNothing({ gaps, entries }: Pick<Findings, "gaps" | "entries">): boolean {
  return gaps.length === 0 && entries.length === 0;
}
