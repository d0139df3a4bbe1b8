import type { EventFilter } from "./event-guard.ts";
import { comparePositions, type Position, parseEventId } from "./event-id.ts";
import { firstMessages } from "./first-messages.ts";
import type { History } from "./history.ts";
import type { InitialPolicy } from "./initial-policy.ts";
import type { RingSlice } from "./merge.ts";
import { type MailSource, openersOf, type Reading, readAfter, type Skip } from "./reading.ts";
import type { Ring, StoredEntry } from "./ring.ts";
import type { Subscription } from "./subscription.ts";

/** Why events of a channel cannot be delivered. */
export type GapReason = "trimmed" | "epoch" | "slow" | "ahead" | "bad-id" | "replay-limit" | "forgotten";

/** Channels that share one reason. */
export interface Gap {
  readonly channels: readonly string[];
  readonly reason: GapReason;
}

/** How a stream starts. */
export interface ResumePlan {
  /** Goes into `sse.hello`. */
  readonly resume: "fresh" | "resumed" | "gap";
  /** The stream has seen everything of its channels up to here. */
  readonly cursor: Position;
  /** Channels whose entries up to a position are given up. */
  readonly skips: readonly Skip[];
  readonly gaps: readonly Gap[];
  /** First messages of a stream without a position, in log order. */
  readonly initial: readonly StoredEntry[];
  /** Number of entries due before live ones. */
  readonly replayed: number;
}

/** What {@link planResume} looks at. */
export interface ResumeInput {
  /** The id the client presented, if any. */
  readonly lastEventId: string | undefined;
  readonly epoch: string;
  readonly head: Position;
  readonly subscription: Subscription;
  readonly history: History;
  /** What is addressed to the client. */
  readonly source: MailSource;
  /** Most entries a replay may have. */
  readonly replayMax: number;
  /** `undefined` when no channel has a policy but "none". */
  readonly initialFor: ((channel: string) => InitialPolicy) | undefined;
  /** `undefined` when the client may get everything. */
  readonly filter: EventFilter | undefined;
}

/** Decides how a stream starts. Reads the rings once and changes nothing. */
export function planResume(input: ResumeInput): ResumePlan {
  const { lastEventId, epoch, head, subscription } = input;
  if (lastEventId === undefined) return planFresh(input);
  const presented = parseEventId(lastEventId, epoch);
  if (presented.kind !== "position") return planGap(presented.kind, head, subscription);
  if (comparePositions(presented.position, head) > 0) return planGap("ahead", head, subscription);
  return planReplay(input, presented.position);
}

function planFresh({ head, subscription, history, source, replayMax, initialFor, filter }: ResumeInput): ResumePlan {
  const fresh = { resume: "fresh", cursor: head, skips: [], gaps: [] } as const;
  if (!initialFor) return { ...fresh, initial: [], replayed: 0 };
  const initial = firstMessages(openersOf(subscription, history, source), head, initialFor, filter);
  const kept = replayMax === 0 ? [] : initial.slice(-replayMax);
  return { ...fresh, initial: kept, replayed: kept.length };
}

function planGap(reason: GapReason, head: Position, { channels }: Subscription): ResumePlan {
  return { resume: "gap", cursor: head, skips: [], gaps: [{ channels, reason }], initial: [], replayed: 0 };
}

function planReplay(
  { head, subscription, history, source, replayMax, filter }: ResumeInput,
  from: Position,
): ResumePlan {
  const reading = readAfter(subscription, history, from, [], source);
  const gaps = gapsOf(reading, "trimmed");
  const counts = countUpTo(head, reading.slices, filter);
  const due = reading.slices.filter((_, index) => counts[index]! > 0);
  const replayed = counts.reduce((sum, count) => sum + count, 0);
  if (replayed > replayMax) gaps.push({ channels: channelsOf(due), reason: "replay-limit" });
  const resume = gaps.length > 0 ? "gap" : "resumed";
  const base = { resume, gaps, initial: [] } as const;
  if (replayed === 0 || replayed > replayMax) return { ...base, cursor: head, skips: [], replayed: 0 };
  return { ...base, cursor: from, skips: skipsOf(gaps, head), replayed };
}

/** How many entries of each slice are due. */
function countUpTo(head: Position, slices: readonly RingSlice[], filter: EventFilter | undefined): number[] {
  if (!filter) return slices.map(({ ring, from }) => ring.size - from);
  // All entries before the first decision, as that may publish, and a state that is replaced moves those after it.
  const entries = slices.map(({ ring, from }) =>
    Array.from({ length: ring.indexAfter(head) - from }, (_, index) => ring.at(from + index)!),
  );
  return entries.map((each) => each.filter(filter.allows).length);
}

/** The channels of some slices, each once. */
function channelsOf(slices: readonly { readonly ring: Ring }[]): string[] {
  return [...new Set(slices.map(({ ring }) => ring.channel))];
}

/** The gaps of a reading. `reason` says what a known loss is called: it depends on whether the reader was connected. */
export function gapsOf({ trimmed, forgotten }: Reading, reason: "trimmed" | "slow"): Gap[] {
  const gaps: Gap[] = [];
  if (trimmed.length > 0) gaps.push({ channels: trimmed, reason });
  if (forgotten.length > 0) gaps.push({ channels: forgotten, reason: "forgotten" });
  return gaps;
}

/** Gapped channels continue after `until`: what survives of them before it would be a partial replay. */
export function skipsOf(gaps: readonly Gap[], until: Position): Skip[] {
  return gaps.flatMap(({ channels }) => channels.map((channel) => ({ channel, until })));
}
