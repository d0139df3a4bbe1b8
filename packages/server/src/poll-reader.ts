import type { ConnectionContext } from "./connection-context.ts";
import { describeGap, type GapData } from "./control-frames.ts";
import type { EventGuard } from "./event-guard.ts";
import { formatEventId, laterPosition, type Position } from "./event-id.ts";
import type { History } from "./history.ts";
import type { InitialPolicy } from "./initial-policy.ts";
import type { Mailboxes } from "./mailboxes.ts";
import { mergeRings } from "./merge.ts";
import type { Pass } from "./pass.ts";
import { allOf, readAfter } from "./reading.ts";
import { planResume } from "./resume.ts";
import type { StoredEntry } from "./ring.ts";
import type { Subscription } from "./subscription.ts";

/** What there is for a poll. */
export interface Findings {
  readonly gaps: readonly GapData[];
  readonly entries: readonly StoredEntry[];
  /** Where the next poll goes on. */
  readonly upTo: Position;
  /** True when an answer takes no more although there is more. */
  readonly more: boolean;
}

/** What {@link createPollReader} needs. */
export interface PollReaderConfig {
  readonly context: ConnectionContext;
  readonly history: History;
  readonly mailboxes: Mailboxes;
  readonly guard: EventGuard;
  readonly replayMax: number;
  readonly initialFor: ((channel: string) => InitialPolicy) | undefined;
}

/** Looks up what a client with this id has missed. Changes nothing. */
export type PollReader = (subscription: Subscription, lastEventId: string | undefined, pass: Pass) => Findings;

/** Creates the reader of a hub. It plans like a stream that attaches. */
export function createPollReader(config: PollReaderConfig): PollReader {
  const { context, history, mailboxes, guard, replayMax, initialFor } = config;
  const { epoch } = context;
  return (subscription, lastEventId, pass) => {
    const { user } = pass;
    const filter = guard(undefined, pass, () => subscription.channels);
    const head = context.head();
    const source = allOf(user === undefined ? [mailboxes.all] : [mailboxes.all, mailboxes.of(user)]);
    const plan = planResume({
      lastEventId,
      epoch,
      head,
      subscription,
      history,
      source,
      replayMax,
      initialFor,
      filter,
    });
    const gaps = plan.gaps.map((gap) => describeGap(gap, lastEventId, formatEventId(epoch, head)));
    // First messages count only as a whole, so they are not divided.
    const found = { gaps, entries: plan.initial, upTo: head, more: false };
    if (lastEventId === undefined || plan.replayed === 0) return found;
    for (let from = plan.cursor; ; ) {
      const { slices } = readAfter(subscription, history, from, plan.skips, source);
      const { entries, more } = mergeRings(slices, context.slow.maxBufferedBytes);
      const last = entries.at(-1)?.position ?? head;
      // Beyond the head where a filter has published.
      const upTo = more ? last : laterPosition(head, last);
      const allowed = filter ? entries.filter(filter.allows) : entries;
      if (allowed.length > 0 || !more) return { ...found, entries: allowed, more, upTo };
      from = upTo;
    }
  };
}
