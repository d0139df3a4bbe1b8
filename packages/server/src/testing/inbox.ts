import { isControl, type TestEvent } from "./test-event.ts";

/** Decides whether an event is the one that is meant. */
export type EventPredicate = (event: TestEvent) => boolean;

/** What has come, in order, and who waits for more. */
export interface Inbox {
  /** Everything so far. */
  readonly all: readonly TestEvent[];
  add(event: TestEvent): void;
  /** What may wait is to look again: the link is over, or there is another one. */
  stir(): void;
  /** The next that matches, which it is read up to; `undefined` while there is none. */
  take(matches: EventPredicate): TestEvent | undefined;
  /** Lists what has not been read, in short. */
  describeUnread(): string;
  /** Resolves when `isDone`, which may throw, says so: it is asked now and whenever something happened. */
  until(isDone: () => boolean, timeoutMs: number): Promise<boolean>;
}

const MOST_DESCRIBED = 10;
const LONGEST_TEXT = 100;

/** Creates an empty one. */
export function createInbox(): Inbox {
  const all: TestEvent[] = [];
  const waiting = new Set<() => void>();
  let read = 0;

  const stir = () => {
    for (const look of [...waiting]) look();
  };

  return {
    all,
    add(event) {
      all.push(event);
      stir();
    },
    stir,
    take(matches) {
      const found = all.slice(read).findIndex(matches);
      if (found < 0) return undefined;
      read += found + 1;
      return all[read - 1];
    },
    describeUnread() {
      const unread = all.slice(read);
      const shown = unread.slice(0, MOST_DESCRIBED).map(describe);
      if (unread.length > shown.length) shown.push(`and ${unread.length - shown.length} more`);
      return shown.join(", ") || "nothing";
    },
    until(isDone, timeoutMs) {
      return new Promise((resolve, reject) => {
        const end = (finish: () => void) => {
          waiting.delete(look);
          clearTimeout(timer);
          finish();
        };
        const look = () => {
          try {
            if (isDone()) end(() => resolve(true));
          } catch (error) {
            end(() => reject(error));
          }
        };
        const timer =
          timeoutMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(end, timeoutMs, () => resolve(false));
        waiting.add(look);
        look();
      });
    },
  };
}

/** What `expectEvent` is asked for. Events of the protocol count only where they are named. */
export function toPredicate(name: string | undefined, matches: EventPredicate = () => true): EventPredicate {
  if (name === undefined) return (event) => !isControl(event) && matches(event);
  return (event) => event.event === name && matches(event);
}

function describe({ event, id, text }: TestEvent): string {
  const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return `${event} ${short}${id === undefined ? "" : ` (${id})`}`;
}
