import type { ChannelRegistry } from "./channel-registry.ts";
import type { ConnectionContext } from "./connection-context.ts";
import { describeGap, type GapData } from "./control-frames.ts";
import { formatEventId, type Position } from "./event-id.ts";
import type { History } from "./history.ts";
import type { InitialPolicy } from "./initial-policy.ts";
import type { Mailboxes } from "./mailboxes.ts";
import { mergeRings } from "./merge.ts";
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
  readonly registry: ChannelRegistry;
  readonly history: History;
  readonly mailboxes: Mailboxes;
  readonly replayMax: number;
  readonly initialFor: ((channel: string) => InitialPolicy) | undefined;
}

/** Looks up what a client with this id has missed. Changes nothing. */
export type PollReader = (
  subscription: Subscription,
  lastEventId: string | undefined,
  user: string | undefined,
) => Findings;

/** Creates the reader of a hub. It plans like a stream that attaches. */
export function createPollReader(config: PollReaderConfig): PollReader {
  const { context, registry, history, mailboxes, replayMax, initialFor } = config;
  const { epoch } = context;
  const { isKeyed } = registry;
  return (subscription, lastEventId, user) => {
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
      isKeyed,
    });
    const gaps = plan.gaps.map((gap) => describeGap(gap, lastEventId, formatEventId(epoch, head)));
    // First messages count only as a whole, so they are not divided.
    const found = { gaps, entries: plan.initial, upTo: head, more: false };
    if (lastEventId === undefined || plan.replayed === 0) return found;
    const { slices } = readAfter(subscription, history, plan.cursor, plan.skips, source);
    const { entries, more } = mergeRings(slices, context.slow.maxBufferedBytes);
    return { ...found, entries, more, upTo: more ? entries.at(-1)!.position : head };
  };
}
