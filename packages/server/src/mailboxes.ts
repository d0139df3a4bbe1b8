import { laterPosition, ORIGIN, type Position } from "./event-id.ts";
import { createHistory, type History, type HistoryConfig, type HistoryLimits, type Rings } from "./history.ts";
import type { Ring, StoredEntry } from "./ring.ts";

/** Events addressed to somebody, which all streams of the addressee read whatever channels they carry. */
export interface Mail extends Rings {
  /** Nothing after this has been put in. What came before it may be lost. */
  readonly newest: Position;
}

/** The recent events that are addressed to users and to everybody. */
export interface Mailboxes {
  /** What is addressed to everybody. */
  readonly all: Mail & Pick<History, "revision">;
  /** Number of users something is kept for. */
  readonly users: number;
  /** Bytes held, with what entries, channels and mailboxes cost beside their frames. */
  readonly bytes: number;
  /** What is addressed to a user, whether or not there is any. */
  of(user: string): Mail;
  /** Keeps an entry for everybody, and returns the state whose place it takes. As for channels, nothing is dropped yet. */
  addForAll(entry: StoredEntry): StoredEntry | undefined;
  addForUser(user: string, entry: StoredEntry): StoredEntry | undefined;
  /** Enforces the limits on what was added to since the last call. */
  settle(): void;
  /** Drops what is too old for somebody who is about to read. */
  expire(user: string | undefined): void;
}

/** What {@link createMailboxes} needs. */
export interface MailboxesConfig {
  limitsFor(channel: string): HistoryLimits;
  readonly initialFor: HistoryConfig["initialFor"];
  /** Cap over the mailboxes of all users in bytes, and that of everybody's. */
  readonly totalBytes: number;
  now(): number;
}

interface Mailbox {
  readonly history: History;
  newest: Position;
}

/** What a mailbox costs beside its channels, as measured: the history, its maps and methods. */
const MAILBOX_BYTES = 3_072;
const NONE: ReadonlySet<Ring> = new Set();

/**
 * Creates empty mailboxes. A mailbox that has run empty is kept, as it knows what was lost; without it everybody who was
 * away at that time would have to be told of a possible loss.
 */
export function createMailboxes({ totalBytes, ...shared }: MailboxesConfig): Mailboxes {
  const forAll = createHistory({ ...shared, totalBytes });
  // The least recently addressed first.
  const boxes = new Map<string, Mailbox>();
  const unsettled = new Set<Mailbox>();
  let newestForAll = ORIGIN;
  let floor = ORIGIN;
  let bytes = 0;

  function open(user: string): Mailbox {
    bytes += chargeOf(user);
    return { history: createHistory({ ...shared, totalBytes: Number.POSITIVE_INFINITY, floor }), newest: floor };
  }

  /** Changes a mailbox and keeps count. */
  function change<Result>({ history }: Mailbox, run: (history: History) => Result): Result {
    bytes -= history.bytes;
    const result = run(history);
    bytes += history.bytes;
    return result;
  }

  function forgetOldest() {
    const [user, box] = boxes.entries().next().value!;
    boxes.delete(user);
    unsettled.delete(box);
    bytes -= chargeOf(user) + box.history.bytes;
    floor = laterPosition(floor, box.newest);
  }

  return {
    all: {
      get newest() {
        return newestForAll;
      },
      get floor() {
        return forAll.floor;
      },
      get revision() {
        return forAll.revision;
      },
      openers: forAll.openers,
      ring: forAll.ring,
      newerThan: forAll.newerThan,
    },
    get users() {
      return boxes.size;
    },
    get bytes() {
      return bytes + forAll.bytes;
    },
    // Looked up each time: what is kept for a user may be forgotten, and begun anew, while a stream of theirs is open.
    of: (user) => ({
      get newest() {
        return boxes.get(user)?.newest ?? floor;
      },
      get floor() {
        return boxes.get(user)?.history.floor ?? floor;
      },
      get openers() {
        return boxes.get(user)?.history.openers ?? NONE;
      },
      ring: (channel) => boxes.get(user)?.history.ring(channel),
      newerThan: (position) => boxes.get(user)?.history.newerThan(position) ?? [],
    }),
    addForAll(entry) {
      newestForAll = entry.position;
      return forAll.add(entry);
    },
    addForUser(user, entry) {
      const box = boxes.get(user) ?? open(user);
      boxes.delete(user);
      boxes.set(user, box);
      box.newest = entry.position;
      unsettled.add(box);
      return change(box, (history) => history.add(entry));
    },
    settle() {
      forAll.settle();
      for (const box of unsettled) change(box, (history) => history.settle());
      unsettled.clear();
      while (bytes > totalBytes && boxes.size > 0) forgetOldest();
    },
    expire(user) {
      forAll.expire();
      const box = user === undefined ? undefined : boxes.get(user);
      if (box) change(box, (history) => history.expire());
    },
  };
}

function chargeOf(user: string): number {
  return MAILBOX_BYTES + user.length * 2;
}
