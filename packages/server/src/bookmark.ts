import type { ConnectionContext } from "./connection-context.ts";
import { describeGap, encodeGap, encodeIdBlock } from "./control-frames.ts";
import type { Course } from "./course.ts";
import type { EventFilter } from "./event-guard.ts";
import { comparePositions, formatEventId, laterPosition, type Position } from "./event-id.ts";
import type { Batch, Group } from "./group.ts";
import { joinChunks } from "./join-chunks.ts";
import type { Mail } from "./mailboxes.ts";
import { type Owed, oweEvent, payOwed } from "./owed.ts";
import type { Skip } from "./reading.ts";
import { type ResumePlan, skipsOf } from "./resume.ts";

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

/** One for all streams that have nothing of it, which are nearly all of them. */
const NONE: readonly never[] = Object.freeze([]);

/** Where one stream is in the log, and what it has to be written before it reads on there. */
export class Bookmark {
  private readonly context: ConnectionContext;
  private readonly inbox: Mail | undefined;
  private readonly filter: EventFilter | undefined;
  private current: Group;
  private cursor: Position;
  private skips: readonly Skip[];
  private owed: readonly Owed[];
  private live = false;
  private announced = false;

  /** Of a stream that has not been written anything. */
  constructor(context: ConnectionContext, { group, inbox, filter, plan, prelude }: BookmarkStart) {
    this.context = context;
    this.inbox = inbox;
    this.filter = filter;
    this.current = group;
    this.cursor = plan.cursor;
    this.skips = orNone(plan.skips);
    this.owed = [{ kind: "control", text: prelude }, ...plan.initial.map(oweEvent)];
  }

  group(): Group {
    return this.current;
  }

  course(): Course {
    return { group: this.current, owed: this.owed, skips: this.skips };
  }

  /** Goes on with another course from where it is. */
  alter({ group, owed, skips }: Course): void {
    this.current = group;
    this.owed = orNone(owed);
    this.skips = orNone(skips);
    this.live = false;
  }

  /** True when the stream was up to date when it was last read for. */
  isLive(): boolean {
    return this.live;
  }

  /** True when there is something to take, or may be. */
  isDue(): boolean {
    return !this.live || this.owed.length > 0;
  }

  /** Takes what one write may have; `undefined` when there was nothing after all. */
  next(): Uint8Array | undefined {
    // Once per event and stream: pass the shared bytes on without building anything.
    if (this.announced && !this.live && this.owed.length === 0) {
      // Before reading, as a filter is code of the application, which may publish.
      const head = this.context.head();
      const batch = this.read();
      if (batch.gaps.length === 0) {
        this.advance(batch, head);
        return batch.bytes;
      }
    }
    const payment = payOwed(this.owed, this.cursor, this.context.encode);
    const { chunks } = payment;
    this.context.counters.deliveries += payment.events;
    this.owed = orNone(payment.rest);
    if (this.owed.length === 0 && !this.live) this.takeBatch(chunks);
    return joinChunks(chunks);
  }

  /** Says that everything up to here needs no reading, because the stream was up to date at that point. */
  advanceTo(position: Position): void {
    if (!this.live) return;
    this.live = false;
    this.cursor = laterPosition(position, this.cursor);
  }

  /** Where it reads on, given that a stream that is up to date has been written everything up to `flushedTo`. */
  writtenTo(flushedTo: Position): Position {
    if (this.live) this.cursor = laterPosition(this.cursor, flushedTo);
    return this.cursor;
  }

  /** Owes what is to be known of the hub, in place of what was to be known before. */
  oweStatus(text: string): void {
    this.owed = [...this.owed.filter(({ kind }) => kind !== "status"), { kind: "status", text }];
  }

  /** Lets go of what was to be written. */
  close(): void {
    this.owed = NONE;
  }

  private read(): Batch {
    const { inbox, cursor } = this;
    const own = inbox !== undefined && comparePositions(inbox.newest, cursor) > 0 ? inbox : undefined;
    return this.current.batchAfter(cursor, this.skips, own, this.filter);
  }

  private takeBatch(chunks: Uint8Array[]): void {
    const { epoch, encode, counters } = this.context;
    const head = this.context.head();
    let batch = this.read();
    if (batch.gaps.length > 0) {
      for (const gap of batch.gaps) {
        counters.gaps[gap.reason]++;
        const data = describeGap(gap, formatEventId(epoch, this.cursor), formatEventId(epoch, head));
        chunks.push(encode(encodeGap(data)));
      }
      this.skips = [...this.skips, ...skipsOf(batch.gaps, head)];
      batch = this.read();
    }
    if (batch.bytes) chunks.push(batch.bytes);
    this.advance(batch, head);
    if (this.live && !this.announced) {
      // Not before the replay is complete: a link that dies half-way must resume from the last entry it was given.
      this.announced = true;
      chunks.push(encode(encodeIdBlock(epoch, this.cursor)));
    }
  }

  private advance({ count, more, upTo }: Batch, head: Position): void {
    this.context.counters.deliveries += count;
    // Beyond the head where a filter has published and what follows a gap was read after that.
    const cursor = more ? upTo : laterPosition(head, upTo);
    this.cursor = cursor;
    if (this.skips.length > 0)
      this.skips = orNone(this.skips.filter(({ until }) => comparePositions(until, cursor) > 0));
    this.live = !more;
  }
}

function orNone<Item>(items: readonly Item[]): readonly Item[] {
  return items.length === 0 ? NONE : items;
}
