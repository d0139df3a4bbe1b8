import { userOf } from "./address.ts";
import type { Aside } from "./aside.ts";
import { formatEventId, type Position } from "./event-id.ts";
import { invalid } from "./option-checks.ts";
import type { Pass } from "./pass.ts";
import { dataOf } from "./poll-event.ts";
import type { Reporter } from "./reporter.ts";
import type { StoredEntry } from "./ring.ts";

/** A stream or poll that is about to get an event. */
export interface EventRecipient {
  /** Name of the stream; `undefined` for a poll. */
  readonly id: string | undefined;
  /** Whose it is; `undefined` when nobody said. */
  readonly user: string | undefined;
  /** Address of the client, as far as it is known. */
  readonly ip: string | undefined;
  /** Names and patterns it carries, sorted. */
  readonly channels: readonly string[];
}

/** An event that somebody is about to get. */
export interface EventInfo {
  readonly channel: string;
  /** `undefined` for one that is not kept. */
  readonly id: string | undefined;
  /** The user it is addressed to, if it is. */
  readonly user: string | undefined;
  /** What was published, read from JSON at the first look; the text of what is none. All recipients share it. */
  readonly data: unknown;
}

/** Decides at once whether somebody gets an event; only `true` lets it through. */
export type AuthorizeEvent = (recipient: EventRecipient, event: EventInfo) => boolean;

/** What one recipient may get. */
export interface EventFilter {
  allows(entry: StoredEntry): boolean;
  allowsAside(aside: Aside): boolean;
}

/** Makes filters. `channels` is asked each time, as they can change. */
export type EventGuard = (
  id: string | undefined,
  pass: Pick<Pass, "user" | "ip">,
  channels: () => readonly string[],
) => EventFilter | undefined;

/** What {@link createEventGuard} needs. */
export interface EventGuardConfig {
  readonly authorizeEvent: AuthorizeEvent | undefined;
  readonly epoch: string;
  readonly reporter: Reporter;
  /** Runs something in the middle of reading, when nothing may be written. */
  undisturbed<Result>(run: () => Result): Result;
}

/** Creates the guard of a hub, which has no filters when nobody decides about events. */
export function createEventGuard({ authorizeEvent, epoch, reporter, undisturbed }: EventGuardConfig): EventGuard {
  if (!authorizeEvent) return () => undefined;
  // By frame: each event is read once, however many get it.
  const known = new WeakMap<Uint8Array, EventInfo>();

  function describe(frame: Uint8Array, channel: string, to: string | undefined, position?: Position): EventInfo {
    let event = known.get(frame);
    if (!event) {
      const id = position && formatEventId(epoch, position);
      event = createEventInfo(frame, { channel, id, user: to === undefined ? undefined : userOf(to) });
      known.set(frame, event);
    }
    return event;
  }

  function isAllowed(recipient: EventRecipient, event: EventInfo): boolean {
    let decision: unknown = false;
    // A promise, too, as nobody else sees what it rejects with.
    reporter.guard(() => {
      decision = undisturbed(() => authorizeEvent!(recipient, event));
      return decision;
    });
    if (typeof decision !== "boolean")
      reporter.report(invalid("authorizeEvent", "have it return true or false at once."));
    return decision === true;
  }

  return (id, { user, ip }, channels) => {
    const recipient: EventRecipient = {
      id,
      user,
      ip,
      get channels() {
        return channels();
      },
    };
    return {
      allows: ({ frame, channel, to, position }) => isAllowed(recipient, describe(frame, channel, to, position)),
      allowsAside: ({ frame, event }) => isAllowed(recipient, describe(frame, event.channel, event.to)),
    };
  };
}

function createEventInfo(frame: Uint8Array, about: Omit<EventInfo, "data">): EventInfo {
  let read: { readonly data: unknown } | undefined;
  return {
    ...about,
    get data() {
      read ??= { data: parse(dataOf(frame)) };
      return read.data;
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
