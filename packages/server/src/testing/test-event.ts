import type { Block } from "./event-parser.ts";

/** An event as it came. */
export interface TestEvent {
  /** Its name; `message` where it has none. */
  readonly event: string;
  /** Of this event alone: what is replayed of an added channel has none. */
  readonly id: string | undefined;
  /** Read as JSON, or the text where it is none. */
  readonly data: unknown;
  /** The data as it was sent. */
  readonly text: string;
}

/** Makes the event that a block dispatches; `undefined` for none. */
export function toTestEvent({ event, id, data }: Pick<Block, "event" | "id" | "data">): TestEvent | undefined {
  return data === undefined ? undefined : { event: event || "message", id, data: readJson(data), text: data };
}

/** Whether the event is of the protocol and not of the application. */
export function isControl({ event }: TestEvent): boolean {
  return event.startsWith("sse.");
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
