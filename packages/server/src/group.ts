import type { Asides } from "./aside.ts";
import type { EventFilter } from "./event-guard.ts";
import { comparePositions, type Position } from "./event-id.ts";
import type { History } from "./history.ts";
import { joinChunks } from "./join-chunks.ts";
import type { Mail, Mailboxes } from "./mailboxes.ts";
import { mergeRings } from "./merge.ts";
import { createPatternIndex } from "./pattern-index.ts";
import { allOf, readAfter, type Skip } from "./reading.ts";
import { type Gap, gapsOf } from "./resume.ts";
import { createSubscription, type Subscription } from "./subscription.ts";

/** Some of what a reader has to come, joined for one write. */
export interface Batch {
  /** What the reader lost before it. */
  readonly gaps: readonly Gap[];
  /** The joined frames; `undefined` when there are none. */
  readonly bytes: Uint8Array | undefined;
  /** Number of events in it. */
  readonly count: number;
  /** Position of the last of them. */
  readonly upTo: Position;
  /** True when more is waiting. */
  readonly more: boolean;
}

/** What a group knows of its connections. */
export interface GroupMember {
  group(): Group;
  /** Says that everything up to here needs no reading, because the stream was up to date at that point. */
  advanceTo(position: Position): void;
  /**
   * Writes what is due, as far as the peer takes it, and then the asides to a stream that is up to date. `now` saves
   * asking the clock once per stream.
   */
  deliver(now: number, asides?: Asides): void;
}

/** The connections with one and the same subscription. */
export interface Group {
  readonly subscription: Subscription;
  readonly connections: Set<GroupMember>;
  /**
   * The next batch after a position, with what is addressed to everybody. Readers at one position get the same bytes, joined
   * once, except those with skips, with mail of their own or with a filter.
   */
  batchAfter(cursor: Position, skips: readonly Skip[], own: Mail | undefined, filter: EventFilter | undefined): Batch;
  /** Lets go of the joined bytes. */
  forgetBatches(): void;
}

/** All groups of a hub, found by the channels they listen to. */
export interface Groups {
  /** The group of these channels, created when it is the first connection's. */
  open(channels: readonly string[]): Group;
  /** Takes a member out of its group, and removes the group with its last one. */
  leave(group: Group, member: GroupMember): void;
  /** Groups that listen to a channel; none twice. */
  listeningTo(channel: string): Iterable<Group>;
  /** All of them. */
  all(): Iterable<Group>;
}

/** Largest write, in bytes: one TLS-record-friendly piece that bounds what a slow peer holds in flight. */
export const MAX_WRITE_BYTES = 65_536;

/** Creates the (empty) set of groups that read one history, and the mail for everybody. */
export function createGroups(history: History, { all }: Pick<Mailboxes, "all">): Groups {
  const byKey = new Map<string, Group>();
  const index = createPatternIndex<Group>();
  return {
    open(channels) {
      const subscription = createSubscription(channels);
      const key = subscription.channels.join();
      const known = byKey.get(key);
      if (known) return known;
      const group = createGroup(subscription, history, all);
      byKey.set(key, group);
      for (const channel of subscription.channels) index.add(channel, group);
      return group;
    },
    leave(group, member) {
      group.connections.delete(member);
      if (group.connections.size > 0) return;
      const { channels } = group.subscription;
      if (!byKey.delete(channels.join())) return;
      for (const channel of channels) index.delete(channel, group);
    },
    listeningTo: (channel) => new Set(index.match(channel)),
    all: () => byKey.values(),
  };
}

function createGroup(subscription: Subscription, history: History, all: Mailboxes["all"]): Group {
  let shared: { readonly cursor: Position; readonly revision: number; readonly batch: Batch } | undefined;

  function read(cursor: Position, skips: readonly Skip[], own?: Mail, filter?: EventFilter): Batch {
    const mail: Mail[] = comparePositions(all.newest, cursor) > 0 ? [all] : [];
    if (own) mail.push(own);
    const reading = readAfter(subscription, history, cursor, skips, allOf(mail));
    const { entries, more } = mergeRings(reading.slices, MAX_WRITE_BYTES);
    const allowed = filter ? entries.filter(filter.allows) : entries;
    const frames = allowed.map((entry) => entry.frame);
    const upTo = entries.at(-1)?.position ?? cursor;
    return { gaps: gapsOf(reading, "slow"), bytes: joinChunks(frames), count: allowed.length, upTo, more };
  }

  return {
    subscription,
    connections: new Set(),
    batchAfter(cursor, skips, own, filter) {
      if (own || filter || skips.length > 0) return read(cursor, skips, own, filter);
      // Both only grow, so their sum tells of a change of either.
      const revision = history.revision + all.revision;
      if (shared?.cursor !== cursor || shared.revision !== revision) {
        shared = { cursor, revision, batch: read(cursor, skips) };
      }
      return shared.batch;
    },
    forgetBatches() {
      shared = undefined;
    },
  };
}
