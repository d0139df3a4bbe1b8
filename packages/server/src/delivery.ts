import { EVERYBODY, userOf } from "./address.ts";
import { createAgenda } from "./agenda.ts";
import type { Aside, AsideEvent } from "./aside.ts";
import type { Counters } from "./counters.ts";
import type { Environment } from "./environment.ts";
import { comparePositions, formatEventId, laterPosition, type Position } from "./event-id.ts";
import { type Group, type GroupMember, type Groups, MAX_WRITE_BYTES } from "./group.ts";
import type { History } from "./history.ts";
import type { Inboxes } from "./inboxes.ts";
import type { LogEntry, LogReader } from "./log.ts";
import type { Mailboxes } from "./mailboxes.ts";
import type { StoredEntry } from "./ring.ts";

/** Turns log entries into history and, once per tick, into writes. */
export interface Delivery extends Pick<LogReader, "ingest"> {
  /** Position of the newest entry ingested. */
  readonly head: Position;
  /** Writes what is due now instead of at the end of the tick. */
  flush(): void;
  /** Runs something that may publish, which writes nothing before it is through. */
  undisturbed<Result>(run: () => Result): Result;
  /** Writes an event without an id to one stream. Resolves with false when that is over, behind or full. */
  tellOne(member: GroupMember, event: AsideEvent, text: string): Promise<boolean>;
}

/** What {@link createDelivery} needs. */
export interface DeliveryConfig {
  readonly epoch: string;
  readonly head: Position;
  readonly history: History;
  readonly groups: Groups;
  readonly mailboxes: Mailboxes;
  readonly inboxes: Inboxes;
  readonly counters: Counters;
  readonly environment: Environment;
  /** How long after the first event it is written; 0 for the end of its tick. */
  readonly batchMs: number;
  encode(text: string): Uint8Array;
  /** Told how many seconds it took to write what was due. */
  measured(seconds: number): void;
}

/** Who is to be written something. */
interface Audience {
  readonly groups: readonly Group[];
  readonly members: readonly GroupMember[];
}

/** Where an entry goes. */
interface Route extends Audience {
  /** Returns the state whose place the entry takes. */
  keep(entry: StoredEntry): StoredEntry | undefined;
}

/** Most that waits to be told while a flush is under way, in bytes: writes that publish would otherwise pile it up. */
const MAX_TOLD_BYTES = 1_048_576;
/** Most that one tick piles up for all streams together before it is written, in bytes. */
const MAX_TICK_BYTES = 16 * MAX_WRITE_BYTES;

/** Creates the delivery of one hub. */
export function createDelivery(config: DeliveryConfig): Delivery {
  const { epoch, history, groups, mailboxes, inboxes, counters, environment, batchMs, encode, measured } = config;
  const agenda = createAgenda();
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
    if (!postponed) settleAll();
  }

  function settleAll() {
    history.settle();
    mailboxes.settle();
  }

  /** `undefined` for an address that this version does not know. */
  function routeOf(channel: string, to: string | undefined): Route | undefined {
    if (to === undefined) return { keep: history.add, groups: [...groups.listeningTo(channel)], members: [] };
    if (to === EVERYBODY) return { keep: mailboxes.addForAll, groups: [...groups.all()], members: [] };
    const user = userOf(to);
    if (user === undefined) return undefined;
    return {
      groups: [],
      members: [...(inboxes.find(user)?.members ?? [])],
      keep(entry) {
        const inbox = inboxes.find(user);
        if (inbox) inbox.newest = entry.position;
        return mailboxes.addForUser(user, entry);
      },
    };
  }

  /** Sees to it that `bytes` more are written, `most` being what the stream that has most to come has to come by now. */
  function schedule(bytes: number, most: number) {
    pendingBytes += bytes;
    // A write that is full, should the next event be like this one, gains nothing from waiting, and there is a bound to what
    // one tick can pile up before rings are trimmed. Last of all, as a write can publish, and that must come after this.
    const isFull = most + bytes > MAX_WRITE_BYTES || pendingBytes + bytes > MAX_TICK_BYTES;
    if (cancelFlush && !flushing && isFull) return flush();
    cancelFlush ??= batchMs === 0 ? environment.defer(flush) : environment.setTimer(flush, batchMs);
  }

  /** `undefined` when too much waits already. */
  function asideOf(event: AsideEvent, text: string, settle?: Aside["settle"]): Aside | undefined {
    const frame = encode(text);
    if (toldBytes + frame.byteLength > MAX_TOLD_BYTES) return undefined;
    toldBytes += frame.byteLength;
    return { frame, event, order: order++, settle };
  }

  function tellAudience(audience: Audience, event: AsideEvent, text: string) {
    if (!isHeard(audience)) return;
    const aside = asideOf(event, text);
    if (!aside) {
      counters.ephemeralDropped += audience.members.length;
      for (const group of audience.groups) counters.ephemeralDropped += group.connections.size;
      return;
    }
    for (const group of audience.groups) agenda.tell(group, aside);
    for (const member of audience.members) agenda.tellAlone(member, aside);
    schedule(aside.frame.byteLength, toldBytes);
  }

  return {
    get head() {
      return head;
    },
    flush,
    undisturbed(run) {
      const before = flushing;
      flushing = true;
      try {
        return run();
      } finally {
        flushing = before;
      }
    },
    tellOne: (member, event, text) =>
      new Promise((settle) => {
        const aside = asideOf(event, text, settle);
        if (!aside) {
          counters.ephemeralDropped++;
          return settle(false);
        }
        agenda.tellAlone(member, aside);
        schedule(aside.frame.byteLength, toldBytes);
      }),
    ingest({ channel, body, key, latest, to, position, ephemeral }: LogEntry) {
      const seen = head;
      head = laterPosition(head, position);
      const route = routeOf(channel, to);
      if (!route) return;
      if (ephemeral) return tellAudience(route, { channel, to }, body);
      const frame = encode(`id: ${formatEventId(epoch, position)}\n${body}`);
      const replaced = route.keep({ channel, position, frame, key, latest, to, at: environment.now() });
      // What nobody was written is not going to be.
      const isUnsent = replaced !== undefined && comparePositions(replaced.position, pendingAfter) > 0;
      const bytes = frame.byteLength - (isUnsent ? replaced.frame.byteLength : 0);
      let most = 0;
      for (const group of route.groups) most = Math.max(most, agenda.read(group, seen, bytes));
      for (const member of route.members) most = Math.max(most, agenda.readAlone(member, seen, bytes));
      // In the middle of something nothing is trimmed, so a flush has to see to it.
      if (cancelFlush || flushing || isHeard(route)) return schedule(bytes, most);
      pendingAfter = head;
      settleAll();
    },
  };
}

function isHeard({ groups, members }: Audience): boolean {
  return groups.length + members.length > 0;
}
