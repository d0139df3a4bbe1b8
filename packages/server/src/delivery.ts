import { type Agenda, createAgenda } from "./agenda.ts";
import type { AsideEvent } from "./aside.ts";
import type { Counters } from "./counters.ts";
import type { Environment } from "./environment.ts";
import { comparePositions, formatEventId, laterPosition, type Position } from "./event-id.ts";
import { type Group, type GroupMember, type Groups, MAX_WRITE_BYTES } from "./group.ts";
import type { History } from "./history.ts";
import type { LogEntry, LogReader } from "./log.ts";

/** Turns log entries into history and, once per tick, into writes. */
export interface Delivery extends Pick<LogReader, "ingest"> {
  /** Position of the newest entry ingested. */
  readonly head: Position;
  /** Writes what is due now instead of at the end of the tick. */
  flush(): void;
  /**
   * Writes a frame without an id to the streams that carry the channel, after the events of the tick. Those that are behind
   * miss it.
   */
  tell(channel: string, text: string): void;
  /** Writes it to all streams. */
  tellAll(text: string): void;
  /** Writes an event without an id to one stream. Resolves with false when that is over, behind or full. */
  tellOne(member: GroupMember, event: AsideEvent, text: string): Promise<boolean>;
}

/** What {@link createDelivery} needs. */
export interface DeliveryConfig {
  readonly epoch: string;
  readonly head: Position;
  readonly history: History;
  readonly groups: Groups;
  readonly counters: Counters;
  readonly environment: Environment;
  encode(text: string): Uint8Array;
  /** Told how many seconds it took to write what was due. */
  measured(seconds: number): void;
}

/** Most that waits to be told while a flush is under way, in bytes: writes that publish would otherwise pile it up. */
const MAX_TOLD_BYTES = 1_048_576;

/** Creates the delivery of one hub. */
export function createDelivery(config: DeliveryConfig): Delivery {
  const { epoch, history, groups, counters, environment, encode, measured } = config;
  const agenda: Agenda = createAgenda();
  let head = config.head;
  let flushing = false;
  let postponed = false;
  let pendingBytes = 0;
  // Where what is pending begins.
  let pendingAfter = head;
  let toldBytes = 0;
  let order = 0;
  let cancelFlush: (() => void) | undefined;

  function flush() {
    cancelFlush?.();
    cancelFlush = undefined;
    pendingBytes = 0;
    pendingAfter = head;
    toldBytes = 0;
    // A write can run code of the application, which may publish or close the hub: this is entered again then.
    const outermost = !flushing;
    const isDue = !agenda.isEmpty;
    const now = environment.now();
    flushing = true;
    try {
      agenda.run(now);
    } finally {
      flushing = !outermost;
    }
    if (!outermost) return;
    settle();
    // What was written by the way is part of it.
    if (isDue) measured((environment.now() - now) / 1_000);
  }

  /** Only after everybody had their turn: a burst longer than a ring is no loss to those who keep up with it. */
  function settle() {
    // Once, as an application that answers every write with an event would put it off for ever.
    postponed = !agenda.isEmpty && !postponed;
    if (!postponed) history.settle();
  }

  function schedule(bytes: number) {
    pendingBytes += bytes;
    // A write that is full, should the next event be like this one, gains nothing from waiting, and this bounds what one
    // tick can pile up before rings are trimmed. Last of all, as a write can publish, and that must come after this.
    if (cancelFlush && !flushing && pendingBytes + bytes > MAX_WRITE_BYTES) return flush();
    cancelFlush ??= environment.defer(flush);
  }

  function tellGroups(listening: Iterable<Group>, event: AsideEvent | undefined, text: string) {
    const audience = [...listening];
    if (audience.length === 0) return;
    const frame = encode(text);
    if (toldBytes + frame.byteLength > MAX_TOLD_BYTES) {
      for (const group of audience) counters.ephemeralDropped += group.connections.size;
      return;
    }
    toldBytes += frame.byteLength;
    const aside = { frame, event, order: order++, settle: undefined };
    for (const group of audience) agenda.tell(group, aside);
    schedule(frame.byteLength);
  }

  return {
    get head() {
      return head;
    },
    flush,
    tell: (channel, text) => tellGroups(groups.listeningTo(channel), undefined, text),
    tellAll: (text) => tellGroups(groups.all(), undefined, text),
    tellOne(member, event, text) {
      const frame = encode(text);
      if (toldBytes + frame.byteLength > MAX_TOLD_BYTES) {
        counters.ephemeralDropped++;
        return Promise.resolve(false);
      }
      toldBytes += frame.byteLength;
      return new Promise((settle) => {
        agenda.tellAlone(member, { frame, event, order: order++, settle });
        schedule(frame.byteLength);
      });
    },
    ingest({ channel, body, key, latest, position, ephemeral }: LogEntry) {
      const seen = head;
      head = laterPosition(head, position);
      if (ephemeral) return tellGroups(groups.listeningTo(channel), { channel, to: undefined }, body);
      const frame = encode(`id: ${formatEventId(epoch, position)}\n${body}`);
      const replaced = history.add({ channel, position, frame, key, latest, at: environment.now() });
      // What nobody was written is not going to be.
      if (replaced && comparePositions(replaced.position, pendingAfter) > 0) pendingBytes -= replaced.frame.byteLength;
      let heard = false;
      for (const group of groups.listeningTo(channel)) {
        heard = true;
        agenda.read(group, seen);
      }
      if (heard || cancelFlush) return schedule(frame.byteLength);
      if (flushing) return;
      pendingAfter = head;
      history.settle();
    },
  };
}
