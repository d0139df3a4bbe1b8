import { comparePositions, parseEventId } from "../event-id.ts";
import type { Block } from "./event-parser.ts";
import { isControl, type TestEvent, toTestEvent } from "./test-event.ts";

/** What `sse.hello` says: PROTOCOL.md, section 5. */
export interface TestHello {
  readonly conn: string;
  readonly epoch: string;
  readonly pos: string;
  readonly heartbeatMs: number | null;
  readonly channels: readonly string[];
  readonly resume: "fresh" | "resumed" | "gap";
  readonly replayed: number;
  /** Users by channel, where the hub tells who is there. */
  readonly presence?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Number of users of the channels that are not complete in `presence`. */
  readonly presenceCounts?: Readonly<Record<string, number>> | undefined;
}

/** Where a client is in the log. */
export interface ClientPosition {
  /** What it presents when it comes back; `undefined` for nothing. */
  lastEventId: string | undefined;
  /** Takes a block of the stream; gives the events that count from here on. */
  take(block: Block): TestEvent[];
  /** These channels are being asked for: what has no id belongs to them until their markers come. */
  awaitMarkers(channels: readonly string[]): void;
  /** There will be no markers of these; gives the events that count now. */
  awaitNoMarkers(channels: readonly string[]): TestEvent[];
  /** The stream is over: what was incomplete did not happen. */
  lost(): void;
}

/**
 * Keeps the position by the rules of PROTOCOL.md. First messages count when all of them are there, and what is replayed of an
 * added channel when its marker is: if the link breaks before, they come again, and a client has seen them once.
 */
export function createClientPosition(presented: string | undefined): ClientPosition {
  let epoch: string | undefined;
  // Where the first messages are complete.
  let snapshotEnd: string | undefined;
  let snapshot: TestEvent[] = [];
  let addition: TestEvent[] = [];
  const awaited = new Set<string>();

  function reach(id: string): TestEvent[] {
    if (snapshotEnd !== undefined && epoch !== undefined && isBefore(id, snapshotEnd, epoch)) return [];
    snapshotEnd = undefined;
    position.lastEventId = id === "" ? undefined : id;
    return snapshot.splice(0);
  }

  function takeControl(event: TestEvent): TestEvent[] {
    if (event.event === "sse.hello") {
      const hello: TestHello = Object(event.data);
      epoch = hello.epoch;
      const head = `${epoch}.${hello.pos}`;
      if (hello.resume === "fresh" && hello.replayed > 0) snapshotEnd = head;
      else if (hello.resume === "fresh") position.lastEventId = head;
    }
    if (event.event !== "sse.subscribed") return [event];
    const { channel, pos }: { readonly channel: string; readonly pos: string } = Object(event.data);
    awaited.delete(channel);
    return [...reach(`${epoch}.${pos}`), ...addition.splice(0), event];
  }

  const position: ClientPosition = {
    lastEventId: presented,
    take(block) {
      const event = toTestEvent(block);
      const complete = block.id === undefined ? [] : reach(block.id);
      if (!event) return complete;
      if (isControl(event)) return [...complete, ...takeControl(event)];
      if (snapshotEnd !== undefined) snapshot.push(event);
      // An ephemeral one looks the same, and comes with the others then.
      else if (block.id === undefined && awaited.size > 0) addition.push(event);
      else return [...complete, event];
      return complete;
    },
    awaitMarkers(channels) {
      for (const channel of channels) awaited.add(channel);
    },
    awaitNoMarkers(channels) {
      for (const channel of channels) awaited.delete(channel);
      return awaited.size === 0 ? addition.splice(0) : [];
    },
    lost() {
      epoch = undefined;
      snapshotEnd = undefined;
      snapshot = [];
      addition = [];
      awaited.clear();
    },
  };
  return position;
}

function isBefore(id: string, end: string, epoch: string): boolean {
  const [a, b] = [parseEventId(id, epoch), parseEventId(end, epoch)];
  return a.kind === "position" && b.kind === "position" && comparePositions(a.position, b.position) < 0;
}
