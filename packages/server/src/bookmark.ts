import type { ConnectionContext } from "./connection-context.ts";
import { describeGap, encodeGap, encodeIdBlock } from "./control-frames.ts";
import type { Course } from "./course.ts";
import type { EventFilter } from "./event-guard.ts";
import { comparePositions, formatEventId, laterPosition, type Position } from "./event-id.ts";
import type { Batch, Group } from "./group.ts";
import { joinChunks } from "./join-chunks.ts";
import type { Mail } from "./mailboxes.ts";
import { type Owed, oweEvent, payOwed } from "./owed.ts";
import { type ResumePlan, skipsOf } from "./resume.ts";

/** Where one stream is in the log, and what it has to be written before it reads on there. */
export interface Bookmark {
  group(): Group;
  course(): Course;
  /** Goes on with another course from where it is. */
  alter(course: Course): void;
  /** True when the stream was up to date when it was last read for. */
  isLive(): boolean;
  /** True when there is something to take, or may be. */
  isDue(): boolean;
  /** Takes what one write may have; `undefined` when there was nothing after all. */
  next(): Uint8Array | undefined;
  /** Says that everything up to here needs no reading, because the stream was up to date at that point. */
  advanceTo(position: Position): void;
  /** Where it reads on, given that a stream that is up to date has been written everything up to `flushedTo`. */
  writtenTo(flushedTo: Position): Position;
  /** Owes what is to be known of the hub, in place of what was to be known before. */
  oweStatus(text: string): void;
  /** Lets go of what was to be written. */
  close(): void;
}

/** What a bookmark starts from. */
export interface BookmarkStart {
  readonly group: Group;
  /** `undefined` for nobody's stream. */
  readonly inbox: Mail | undefined;
  /** `undefined` when the client may get everything. */
  readonly filter: EventFilter | undefined;
  readonly plan: ResumePlan;
  /** Goes out before anything else. */
  readonly prelude: string;
}

/** Creates the bookmark of a stream that has not been written anything. */
export function createBookmark(
  context: ConnectionContext,
  { plan, prelude, inbox, filter, ...start }: BookmarkStart,
): Bookmark {
  const { epoch, counters } = context;
  let { group } = start;
  let { cursor, skips } = plan;
  let owed: readonly Owed[] = [{ kind: "control", text: prelude }, ...plan.initial.map(oweEvent)];
  let live = false;
  let announced = false;

  function read(): Batch {
    const own = inbox !== undefined && comparePositions(inbox.newest, cursor) > 0 ? inbox : undefined;
    return group.batchAfter(cursor, skips, own, filter);
  }

  function next(): Uint8Array | undefined {
    // Once per event and stream: pass the shared bytes on without building anything.
    if (announced && !live && owed.length === 0) {
      // Before reading, as a filter is code of the application, which may publish.
      const head = context.head();
      const batch = read();
      if (batch.gaps.length === 0) {
        advance(batch, head);
        return batch.bytes;
      }
    }
    const payment = payOwed(owed, cursor, context.encode);
    const { chunks } = payment;
    counters.deliveries += payment.events;
    owed = payment.rest;
    if (owed.length === 0 && !live) takeBatch((chunk) => chunks.push(chunk));
    return joinChunks(chunks);
  }

  function takeBatch(take: (chunk: Uint8Array) => void) {
    const head = context.head();
    let batch = read();
    if (batch.gaps.length > 0) {
      for (const gap of batch.gaps) {
        counters.gaps[gap.reason]++;
        const data = describeGap(gap, formatEventId(epoch, cursor), formatEventId(epoch, head));
        take(context.encode(encodeGap(data)));
      }
      skips = [...skips, ...skipsOf(batch.gaps, head)];
      batch = read();
    }
    if (batch.bytes) take(batch.bytes);
    advance(batch, head);
    if (live && !announced) {
      // Not before the replay is complete: a link that dies half-way must resume from the last entry it was given.
      announced = true;
      take(context.encode(encodeIdBlock(epoch, cursor)));
    }
  }

  function advance({ count, more, upTo }: Batch, head: Position) {
    counters.deliveries += count;
    cursor = more ? upTo : head;
    if (skips.length > 0) skips = skips.filter(({ until }) => comparePositions(until, cursor) > 0);
    live = !more;
  }

  return {
    group: () => group,
    course: () => ({ group, owed, skips }),
    alter(course) {
      ({ group, owed, skips } = course);
      live = false;
    },
    isLive: () => live,
    isDue: () => !live || owed.length > 0,
    next,
    advanceTo(position) {
      if (!live) return;
      live = false;
      cursor = laterPosition(position, cursor);
    },
    writtenTo(flushedTo) {
      if (live) cursor = laterPosition(cursor, flushedTo);
      return cursor;
    },
    oweStatus(text) {
      owed = [...owed.filter(({ kind }) => kind !== "status"), { kind: "status", text }];
    },
    close() {
      owed = [];
    },
  };
}
