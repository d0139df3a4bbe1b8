import { encodeSubscribed } from "./control-frames.ts";
import type { Position } from "./event-id.ts";
import { MAX_WRITE_BYTES } from "./group.ts";
import type { StoredEntry } from "./ring.ts";

/** Something a stream has to write before it reads on from the log. `concerns` is the name whose adding it confirms. */
export type Owed =
  | { readonly kind: "control" | "status"; readonly text: string }
  | { readonly kind: "gap"; readonly text: string; readonly channels: readonly string[] }
  | { readonly kind: "event"; readonly channel: string; readonly isMail: boolean; readonly frame: Uint8Array }
  | { readonly kind: "subscribed"; readonly concerns: string };

/** The start of what was owed, ready to be written. */
export interface Payment {
  readonly chunks: Uint8Array[];
  /** Number of events in it. */
  readonly events: number;
  /** What is owed after it. */
  readonly rest: readonly Owed[];
}

/** Owes an event as it is in the log. */
export function oweEvent({ channel, to, frame }: StoredEntry): Extract<Owed, { kind: "event" }> {
  return { kind: "event", channel, isMail: to !== undefined, frame };
}

/** Takes as much as one write may have, at least one thing. The stream has been written everything up to `cursor`. */
export function payOwed(owed: readonly Owed[], cursor: Position, encode: (text: string) => Uint8Array): Payment {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let events = 0;
  for (const each of owed) {
    const chunk = each.kind === "event" ? each.frame : encode(textOf(each, cursor));
    if (chunks.length > 0 && bytes + chunk.byteLength > MAX_WRITE_BYTES) break;
    bytes += chunk.byteLength;
    chunks.push(chunk);
    if (each.kind === "event") events++;
  }
  return { chunks, events, rest: owed.slice(chunks.length) };
}

function textOf(owed: Exclude<Owed, { kind: "event" }>, cursor: Position): string {
  return owed.kind === "subscribed" ? encodeSubscribed(owed.concerns, cursor) : owed.text;
}
