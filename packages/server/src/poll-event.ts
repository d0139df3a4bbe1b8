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

/** Reads an event back from the bytes a stream would have been written. */
export function toPollEvent(epoch: string, { position, frame }: StoredEntry): PollEvent {
  const lines = decoder.decode(frame).split("\n");
  const valuesOf = (prefix: string) =>
    lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  return {
    id: formatEventId(epoch, position),
    event: valuesOf("event: ").join(""),
    data: valuesOf("data: ").join("\n"),
  };
}
