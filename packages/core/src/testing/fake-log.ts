import type { Gap, GapReason } from "../connection/status.ts";
import { isCovered } from "./channel-pattern.ts";
import { toText } from "./fake-event.ts";
import { formatControl, formatFrame } from "./frame.ts";

/** An event that was published. */
export interface FakeLogEntry {
  readonly id: string;
  readonly channel: string;
  /** The event name on the wire. */
  readonly event: string;
  readonly data: unknown;
}

/** How a stream continues. */
interface Continuation {
  readonly resume: "fresh" | "resumed" | "gap";
  readonly gaps: readonly Gap[];
  readonly entries: readonly FakeLogEntry[];
}

/** One epoch of a server: what it has published, and the part of that it can still replay. */
export interface FakeLog {
  readonly epoch: string;
  /** The position of the newest entry. */
  readonly pos: string;
  /** The id of the newest entry. */
  readonly head: string;
  append(channel: string, event: string, data: unknown): FakeLogEntry;
  /** @param presented - the position to continue after; empty for none */
  continueFrom(presented: string, channels: readonly string[]): Continuation;
}

interface Channel {
  readonly kept: { readonly at: number; readonly entry: FakeLogEntry }[];
  /** The position of the newest entry that is no longer kept. */
  lostUpTo: number;
}

/** An id of any log, and the part that is a position in one like this. Source: PROTOCOL.md, Ids and positions. */
const ANY_ID = /^([0-9a-z]{6})\.([0-9a-z][0-9a-z_-]*)$/;
const POSITION = /^(0|[1-9a-z][0-9a-z]*)(?:-(0|[1-9a-z][0-9a-z]*))?$/;
const LONGEST_ID = 256;

/**
 * @param size - entries kept per channel
 * @param initial - entries per channel that a stream without a position begins with
 */
export function createFakeLog(epoch: string, size: number, initial: number): FakeLog {
  const channels = new Map<string, Channel>();
  let head = 0;
  const toId = (position: number) => `${epoch}.${position.toString(36)}`;

  const read = (id: string): number | GapReason => {
    const [, ofEpoch, text = ""] = (id.length <= LONGEST_ID && ANY_ID.exec(id)) || [];
    if (!ofEpoch) return "bad-id";
    if (ofEpoch !== epoch) return "epoch";
    const [, major, minor = "0"] = POSITION.exec(text) ?? [];
    if (!major) return "bad-id";
    // Here every position is a whole number; one with a second part lies between two of them.
    const position = Number.parseInt(major, 36) + (minor === "0" ? 0 : 0.5);
    return position > head ? "ahead" : position;
  };

  return {
    epoch,
    get pos() {
      return head.toString(36);
    },
    get head() {
      return toId(head);
    },
    append(name, event, data) {
      const entry = { id: toId(++head), channel: name, event, data };
      const channel = channels.get(name) ?? { kept: [], lostUpTo: 0 };
      channels.set(name, channel);
      channel.kept.push({ at: head, entry });
      if (channel.kept.length > size) channel.lostUpTo = channel.kept.shift()!.at;
      return entry;
    },
    continueFrom(presented, subscription) {
      const covered = [...channels].filter(([name]) => isCovered(name, subscription));
      const merge = (entries: Channel["kept"]) => entries.sort((a, b) => a.at - b.at).map(({ entry }) => entry);
      if (!presented) {
        const newest = covered.flatMap(([, { kept }]) => (initial > 0 ? kept.slice(-initial) : []));
        return { resume: "fresh", gaps: [], entries: merge(newest) };
      }
      const from = read(presented);
      const toGap = (reason: GapReason, names: readonly string[]): Gap => ({
        channels: names,
        reason,
        from: reason === "bad-id" ? null : presented,
        to: toId(head),
      });
      if (typeof from === "string") return { resume: "gap", gaps: [toGap(from, subscription)], entries: [] };
      const trimmed = covered.filter(([, { lostUpTo }]) => lostUpTo > from);
      const whole = covered.filter(([, { lostUpTo }]) => lostUpTo <= from);
      const entries = merge(whole.flatMap(([, { kept }]) => kept.filter(({ at }) => at > from)));
      if (trimmed.length === 0) return { resume: "resumed", gaps: [], entries };
      return {
        resume: "gap",
        gaps: [
          toGap(
            "trimmed",
            trimmed.map(([name]) => name),
          ),
        ],
        entries,
      };
    },
  };
}

/** What a stream continues with, as it is sent. For a channel that was added to it, entries go without ids. */
export function formatReplay(
  gaps: readonly Gap[],
  entries: readonly FakeLogEntry[],
  { withIds = true }: { readonly withIds?: boolean } = {},
): string {
  const blocks = entries.map(({ id, event, data }) =>
    formatFrame({ id: withIds ? id : undefined, event, data: toText({ data }) }),
  );
  return [...gaps.map((gap) => formatControl("sse.gap", gap)), ...blocks].join("");
}
