import { encodePresence, encodePresenceList } from "./control-frames.ts";
import { createCoverage } from "./coverage.ts";
import type { Environment } from "./environment.ts";
import { joinChunks } from "./join-chunks.ts";
import { isPattern } from "./pattern.ts";
import { listPresence, MAX_LISTED, type PresenceList } from "./presence-list.ts";
import { createRooms } from "./presence-rooms.ts";
import type { SlowOptions } from "./slow-options.ts";
import type { Subscription } from "./subscription.ts";

/** A stream that can be told something beside the log. */
interface PresenceStream {
  readonly id: string;
  /** Bytes that its peer has not taken yet. */
  buffered(): number;
  /** False when its peer takes nothing at the moment. */
  tell(chunk: Uint8Array): boolean;
}

/** Knows which users are on which channels, and tells the streams of these. */
export interface Presence {
  /** Takes in a stream that is about to open; returns what it is told at its start. */
  enter(id: string, user: string | undefined, subscription: Subscription): PresenceList;
  /** Notes that an open stream carries something else now; the whole list is told when `wantsList`. */
  move(id: string, subscription: Subscription, wantsList: boolean): void;
  /** Notes that a stream is over. */
  leave(id: string): void;
  /** Everybody on a channel, sorted; `undefined` for a channel without presence. */
  usersOn(channel: string): string[] | undefined;
  /** From now on nobody is told who leaves, as everybody does. */
  close(): void;
}

/** What {@link createPresence} needs. */
export interface PresenceConfig {
  /** Names and patterns of the channels with presence. */
  readonly presence: readonly string[];
  readonly presenceDelayMs: number;
  readonly slow: Pick<Required<SlowOptions>, "maxBufferedBytes">;
  readonly environment: Pick<Environment, "now" | "setTimer" | "defer">;
  encode(text: string): Uint8Array;
  /** The open streams that carry a channel. */
  streamsOf(channel: string): Iterable<PresenceStream>;
  find(id: string): PresenceStream | undefined;
}

interface Attendance {
  readonly user: string | undefined;
  readonly subscription: Subscription;
  /** Channels its user is on because of it. */
  readonly places: readonly string[];
  /** Number of the last change it has been told. */
  seen: number;
}

interface Change {
  readonly number: number;
  readonly text: string;
}

/** What has changed on a channel and has not been told. */
interface Burst {
  readonly changes: Change[];
  /** Number of the last one, which may be too many to be kept. */
  last: number;
}

/** How often a stream is tried again whose peer took nothing, in milliseconds. */
const RETRY_MS = 1_000;

/** Creates the presence of a hub that has no streams yet. */
export function createPresence(config: PresenceConfig): Presence {
  const { presence, environment, encode, streamsOf, find } = config;
  const { maxBufferedBytes } = config.slow;
  const listed = createCoverage(presence);
  const listedNames = presence.filter((name) => !isPattern(name));
  const attendances = new Map<string, Attendance>();
  const waiting = new Map<string, Burst>();
  // Streams that have missed something: they get the whole list instead.
  const behind = new Set<string>();
  let changes = 0;
  let isTelling = false;
  let cancelRetry: (() => void) | undefined;

  const rooms = createRooms({
    environment,
    delayMs: config.presenceDelayMs,
    onChange(channel, type, user) {
      changes++;
      const burst = waiting.get(channel) ?? { changes: [], last: 0 };
      waiting.set(channel, burst);
      burst.last = changes;
      // One more than a list has stands for any number.
      if (burst.changes.length <= MAX_LISTED)
        burst.changes.push({ number: changes, text: encodePresence({ channel, type, user }) });
      // Together, as a crowd that comes or goes at once is one write per stream then.
      if (!isTelling) environment.defer(tellChanges);
      isTelling = true;
    },
  });

  /** The channels a subscription puts its user on. A pattern names no place, but a listed name is one, however it is carried. */
  function placesOf({ names, patterns, covers }: Subscription): readonly string[] {
    const named = names.filter(listed.covers);
    return patterns.length === 0 ? named : [...new Set([...named, ...listedNames.filter(covers)])];
  }

  function listFor(subscription: Subscription, places: readonly string[]): PresenceList {
    const channels = new Set(places);
    if (subscription.patterns.length === 0) return listPresence(rooms, channels);
    for (const channel of rooms.channels()) {
      // Not all that there are, as each newcomer would cost by their number.
      if (channels.size >= MAX_LISTED) break;
      if (subscription.covers(channel)) channels.add(channel);
    }
    return listPresence(rooms, channels);
  }

  function tellChanges() {
    isTelling = false;
    const due = new Map<PresenceStream, { readonly attendance: Attendance; readonly chunks: Uint8Array[] }>();
    const upTo = changes;
    let isCrowd = false;
    // Nothing is written in here: a write can run code of the application, by which streams come and go.
    for (const [channel, burst] of waiting) {
      const isTooLong = burst.changes.length > MAX_LISTED;
      isCrowd ||= isTooLong;
      const whole = encode(textAfter(burst, 0));
      for (const stream of streamsOf(channel)) {
        const attendance = attendances.get(stream.id);
        if (!attendance || attendance.seen >= burst.last) continue;
        if (isTooLong) behind.add(stream.id);
        const isNew = attendance.seen >= burst.changes[0]!.number;
        const chunk = isNew ? encode(textAfter(burst, attendance.seen)) : whole;
        const known = due.get(stream);
        if (known) known.chunks.push(chunk);
        else due.set(stream, { attendance, chunks: [chunk] });
      }
    }
    waiting.clear();
    for (const [stream, { attendance, chunks }] of due) {
      const current = attendances.get(stream.id);
      // A list that was told meanwhile has all of it.
      if (!current || current.seen >= upTo || behind.has(stream.id)) continue;
      // One that carries something else by now may not be told all of it.
      if (current !== attendance || !stream.tell(joinChunks(chunks)!)) behind.add(stream.id);
    }
    // Otherwise those who are behind wait for their turn: each list costs more than a change.
    if (isCrowd) tellLists();
    else armRetry();
  }

  function armRetry() {
    if (behind.size > 0) cancelRetry ??= environment.setTimer(tellLists, RETRY_MS);
  }

  function forgetRetry() {
    cancelRetry?.();
    cancelRetry = undefined;
  }

  /** Tells those who are behind everything, and tries again later with those who cannot be told. */
  function tellLists() {
    forgetRetry();
    const known = new Map<Subscription, { readonly chunk: Uint8Array; readonly upTo: number }>();
    for (const id of [...behind]) {
      const attendance = attendances.get(id);
      const stream = find(id);
      // A list for a peer that takes nothing would be made for nothing, each time.
      if (!attendance || !stream || stream.buffered() >= maxBufferedBytes) continue;
      const { subscription, places } = attendance;
      let list = known.get(subscription);
      if (!list) {
        list = { chunk: encode(encodePresenceList(listFor(subscription, places))), upTo: changes };
        known.set(subscription, list);
      }
      behind.delete(id);
      attendance.seen = list.upTo;
      if (!stream.tell(list.chunk)) behind.add(id);
    }
    armRetry();
  }

  return {
    enter(id, user, subscription) {
      const places = placesOf(subscription);
      if (user !== undefined) for (const place of places) rooms.enter(place, user);
      attendances.set(id, { user, subscription, places, seen: changes });
      return listFor(subscription, places);
    },
    move(id, subscription, wantsList) {
      const attendance = attendances.get(id);
      if (!attendance) return;
      const { user } = attendance;
      const before = new Set(attendance.places);
      const places = placesOf(subscription);
      const after = new Set(places);
      attendances.set(id, { ...attendance, subscription, places });
      if (user !== undefined) {
        for (const place of places) if (!before.has(place)) rooms.enter(place, user);
        for (const place of before) if (!after.has(place)) rooms.leave(place, user);
      }
      if (!wantsList) return;
      behind.add(id);
      tellLists();
    },
    leave(id) {
      const attendance = attendances.get(id);
      if (!attendance) return;
      const { user, places } = attendance;
      attendances.delete(id);
      behind.delete(id);
      if (behind.size === 0) forgetRetry();
      if (user !== undefined) for (const place of places) rooms.leave(place, user);
    },
    usersOn: (channel) => (listed.covers(channel) ? [...rooms.usersOf(channel)].sort() : undefined),
    close: rooms.close,
  };
}

function textAfter({ changes }: Burst, seen: number): string {
  return changes.flatMap(({ number, text }) => (number > seen ? [text] : [])).join("");
}
