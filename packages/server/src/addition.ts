import type { EventFilter } from "./event-guard.ts";
import { comparePositions, type Position, parseEventId } from "./event-id.ts";
import { firstMessages } from "./first-messages.ts";
import type { Rings } from "./history.ts";
import type { InitialPolicy } from "./initial-policy.ts";
import { BEFORE_ALL, type MailSource, readAfter, ringsAfter, type Skip } from "./reading.ts";
import { type Gap, type GapReason, gapsOf } from "./resume.ts";
import type { StoredEntry } from "./ring.ts";
import { createSubscription, type Subscription } from "./subscription.ts";

/** What an open stream is owed for channels it did not carry before. It has ids up to its cursor, so this has none. */
export interface Addition {
  readonly gaps: readonly Gap[];
  /** In log order, none of them after the cursor: what comes after that is read like everything else. */
  readonly entries: readonly StoredEntry[];
  /** What the client has already although the stream has not come that far. */
  readonly skips: readonly Skip[];
}

/** What {@link planAddition} looks at. */
export interface AdditionInput {
  /** Names and patterns; with none, nothing is owed. */
  readonly channels: readonly string[];
  /** The id up to which the client has seen them; `undefined` when it starts with them. */
  readonly since: string | undefined;
  readonly epoch: string;
  readonly head: Position;
  /** The stream has been written everything of its other channels up to here. */
  readonly cursor: Position;
  readonly history: Rings;
  /** What is addressed to the client. Of channels that it does not listen to it has been sent that, and ignored it. */
  readonly mail: readonly Rings[];
  /** Most entries it may have. */
  readonly replayMax: number;
  /** `undefined` when no channel has a policy but "none". */
  readonly initialFor: ((channel: string) => InitialPolicy) | undefined;
  /** `undefined` when the client may get everything. */
  readonly filter: EventFilter | undefined;
  /** True for a concrete channel the stream carries already, under whatever pattern. */
  isCarried(channel: string): boolean;
}

const NOTHING: Addition = Object.freeze({ gaps: [], entries: [], skips: [] });

/** Decides what is owed. Reads the rings once and changes nothing. */
export function planAddition(input: AdditionInput): Addition {
  const { channels, since, epoch, head, cursor } = input;
  if (channels.length === 0) return NOTHING;
  const subscription = createSubscription(channels);
  if (since === undefined) return planStart(input, subscription);
  const presented = parseEventId(since, epoch);
  if (presented.kind !== "position") return planWholeGap(presented.kind, subscription);
  const { position } = presented;
  if (comparePositions(position, head) > 0) return planWholeGap("ahead", subscription);
  return comparePositions(position, cursor) > 0
    ? planLead(input, subscription, position)
    : planReplay(input, subscription, position);
}

function planStart(
  { cursor, history, mail, replayMax, initialFor, filter, isCarried }: AdditionInput,
  subscription: Subscription,
): Addition {
  if (!initialFor || replayMax === 0 || [history, ...mail].every(({ openers }) => openers.size === 0)) return NOTHING;
  const rings = ringsAfter(subscription, history, { mail, subscription }, BEFORE_ALL);
  const added = rings.filter((ring) => !isCarried(ring.channel));
  return { ...NOTHING, entries: firstMessages(added, cursor, initialFor, filter).slice(-replayMax) };
}

function planWholeGap(reason: GapReason, { channels }: Subscription): Addition {
  return { ...NOTHING, gaps: [{ channels, reason }] };
}

/** The client is further on these channels than the stream is on the others: they must not be sent to it twice. */
function planLead(
  { cursor, history, mail, isCarried }: AdditionInput,
  subscription: Subscription,
  until: Position,
): Addition {
  // By name, as a pattern may also cover channels the stream carries already and has still to deliver.
  const names = ringsAfter(subscription, history, { mail, subscription }, cursor).map(({ channel }) => channel);
  const skips = [...new Set([...names, ...subscription.names])]
    .filter((channel) => !isCarried(channel))
    .map((channel) => ({ channel, until }));
  return { ...NOTHING, skips };
}

function planReplay(
  { cursor, history, mail, replayMax, filter, isCarried }: AdditionInput,
  subscription: Subscription,
  since: Position,
): Addition {
  const source: MailSource = { mail, subscription };
  const isNew = (channel: string) => !isCarried(channel);
  const { trimmed, forgotten, slices } = readAfter(subscription, history, since, [], source);
  const gaps = gapsOf({ trimmed: trimmed.filter(isNew), forgotten: forgotten.filter(isNew), slices }, "trimmed");
  const entries = slices
    .filter(({ ring }) => isNew(ring.channel))
    .flatMap(({ ring, from }) => {
      const count = Math.max(0, ring.indexAfter(cursor) - from);
      return Array.from({ length: count }, (_, index) => ring.at(from + index)!);
    })
    .filter((entry) => !filter || filter.allows(entry))
    .sort((a, b) => comparePositions(a.position, b.position));
  if (entries.length <= replayMax) return { ...NOTHING, gaps, entries };
  gaps.push({ channels: [...new Set(entries.map(({ channel }) => channel))], reason: "replay-limit" });
  return { ...NOTHING, gaps };
}
