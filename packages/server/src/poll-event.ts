import { formatEventId } from "./event-id.ts";
import type { StoredEntry } from "./ring.ts";

/** An event as a poll answers it. */
export interface PollEvent {
  readonly id: string;
  readonly event: string;
  /** What the lines of `data:` say. */
  readonly data: string;
}

const decoder = new TextDecoder();

/** What the `data:` lines of a frame say. */
export function dataOf(frame: Uint8Array): string {
  return valuesOf(decoder.decode(frame).split("\n"), "data: ").join("\n");
}

function valuesOf(lines: readonly string[], prefix: string): string[] {
  return lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
}

/** Reads an event back from the bytes a stream would have been written. */
export function toPollEvent(epoch: string, { position, frame }: StoredEntry): PollEvent {
  const lines = decoder.decode(frame).split("\n");
  return {
    id: formatEventId(epoch, position),
    event: valuesOf(lines, "event: ").join(""),
    data: valuesOf(lines, "data: ").join("\n"),
  };
}
