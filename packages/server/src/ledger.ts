import { MAX_CHANNELS } from "./channel-change.ts";
import { type Coverage, createCoverage } from "./coverage.ts";
import { type Owed, oweEvent } from "./owed.ts";
import type { StoredEntry } from "./ring.ts";

/** What a stream owes while its channels are being changed. */
export interface Ledger {
  /** In the order in which it is to be written. */
  readonly owed: readonly Owed[];
  /** Number of events in it. */
  readonly events: number;
  /** False when a peer that takes nothing has asked for more channels than one stream may carry. */
  hasRoomFor(name: string): boolean;
  /** Owes the gaps and the replay of an added channel, and then its marker. */
  owe(name: string, gaps: readonly OwedGap[], entries: readonly StoredEntry[]): void;
  /** Owes the marker of a channel that was there before. */
  remind(name: string): void;
}

/** A gap that is ready to be written. */
interface OwedGap {
  readonly text: string;
  readonly channels: readonly string[];
}

const LINE_FEED = 10;

/** Creates the ledger of a stream that no longer carries `dropped` and goes on with `kept`. */
export function createLedger(before: readonly Owed[], dropped: ReadonlySet<string>, kept: Coverage): Ledger {
  const { covers: isDropped } = createCoverage(dropped);

  function isStillOwed(each: Owed): boolean {
    switch (each.kind) {
      case "control":
      case "status":
        return true;
      case "event":
        // Mail comes whatever the stream carries, but what was dropped is settled with it.
        return kept.covers(each.channel) || (each.isMail && !isDropped(each.channel));
      case "gap":
        return each.channels.some(kept.includes);
      case "subscribed":
        return !dropped.has(each.concerns);
    }
  }

  let owed = before.filter(isStillOwed);
  let events = owed.filter(({ kind }) => kind === "event").length;
  const markers = new Set(owed.flatMap((each) => (each.kind === "subscribed" ? [each.concerns] : [])));

  function mark(name: string) {
    markers.add(name);
    owed.push({ kind: "subscribed", concerns: name });
  }

  return {
    get owed() {
      return owed;
    },
    get events() {
      return events;
    },
    // Each name has its marker, and usually a gap at most.
    hasRoomFor: (name) => (markers.has(name) || markers.size < MAX_CHANNELS) && owed.length - events < 2 * MAX_CHANNELS,
    owe(name, gaps, entries) {
      // One that waits already would come before what is owed now.
      if (markers.has(name)) owed = owed.filter((each) => each.kind !== "subscribed" || each.concerns !== name);
      for (const gap of gaps) owed.push({ kind: "gap", ...gap });
      for (const entry of entries) owed.push({ ...oweEvent(entry), frame: withoutId(entry) });
      events += entries.length;
      mark(name);
    },
    remind(name) {
      if (!markers.has(name)) mark(name);
    },
  };
}

/** An id would move the client back to before what it has already seen. */
function withoutId({ frame }: StoredEntry): Uint8Array {
  return frame.subarray(frame.indexOf(LINE_FEED) + 1);
}
