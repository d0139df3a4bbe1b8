import type { SSEMessage } from "./channels/channel.ts";
import { advance, type Cursor, isAtOrBefore } from "./channels/cursor.ts";
import { decode } from "./channels/decode.ts";
import type { Route, Router } from "./channels/router.ts";
import type { Gap } from "./connection/status.ts";
import { SSEError } from "./errors.ts";
import type { StatsRecorder } from "./stats.ts";
import type { RawEvent, TransportSink } from "./transport/transport.ts";

/** Turns events into messages, in order and without repeating one, and acts on the server's control events. */
export interface Inbox {
  /**
   * Begins a stream, which tells when it proves healthy and when the server says goodbye. Once `signal` is aborted, in the
   * middle of a chunk too, nothing of it is delivered or counts as received.
   */
  open(
    signal: AbortSignal,
    healthy: () => void,
    failed: (failure: SSEError) => void,
  ): Pick<TransportSink, "id" | "event">;
  /** Messages that are still being decoded are not delivered any more. */
  discard(): void;
}

/** The part of `sse.hello` that is used here. Source: PROTOCOL.md, Frames. */
interface Hello {
  readonly epoch: string;
  readonly pos: string;
  readonly resume: "fresh" | "resumed" | "gap";
  readonly replayed: number;
}

/** @param onCursor - told when the cursor has changed */
export function createInbox(
  now: () => number,
  cursor: Cursor,
  router: Router,
  { count }: StatsRecorder,
  onCursor: () => void,
  onMessage: (message: SSEMessage) => void,
  onError: (error: SSEError) => void,
): Inbox {
  let generation = 0;
  // Set while a schema is answering asynchronously: whatever follows waits behind it.
  let tail: Promise<void> | null = null;
  // Where the cursor stood before the first message that waits so.
  let settled = "";

  /** Decodes and delivers, unless discarded meanwhile. Returns a promise only where the schema is asynchronous. */
  const accept = (
    raw: RawEvent,
    { channel, definition, feed }: Route,
    envelope: Omit<SSEMessage, "data">,
    mine: number,
  ): void | Promise<void> => {
    const deliver = (data: unknown) => {
      if (mine !== generation) return;
      const message = { ...envelope, data };
      settled = message.lastEventId;
      count("messages");
      feed?.receive(message);
      onMessage(message);
    };
    const refuse = (error: SSEError) => {
      if (mine !== generation) return;
      settled = envelope.lastEventId;
      count("invalid");
      feed?.update({ error });
      onError(error);
    };
    try {
      const data = decode(raw, definition, channel);
      if (data instanceof Promise) return data.then(deliver, refuse);
      deliver(data);
    } catch (error) {
      refuse(error as SSEError);
    }
  };

  return {
    discard() {
      generation++;
      // What was received but not delivered counts as never received: the next stream brings it again.
      if (tail) cursor.lastEventId = settled;
      tail = null;
    },
    open(signal, healthy, failed) {
      // Where the server's log ended when the stream began: what comes up to there is replayed.
      let head = "";
      // Messages of a first snapshot, until all of it is there. They may be older than what history has to hold, so a
      // stream that breaks among them begins afresh; resuming there would look like a loss.
      let snapshot: RawEvent[] | null = null;
      // Whether the block being read has an id that was received before.
      let again = false;

      const control: Readonly<Record<string, (value: never) => void>> = {
        "sse.hello"({ epoch, pos, resume: type, replayed }: Hello) {
          cursor.contract = true;
          head = `${epoch}.${pos}`;
          // What a gap consists of follows in events of its own.
          if (type !== "gap") cursor.resume = { type };
          if (type === "resumed" && replayed) cursor.resume = { type: "replayed", count: replayed };
          if (type !== "fresh") return;
          // A fresh stream with nothing to replay starts exactly here. Without this, a link that dies before the
          // first id would begin afresh and lose what was published in between.
          if (replayed) snapshot = [];
          else {
            settled = head;
            advance(cursor, head);
          }
        },
        "sse.gap"(gap: Gap) {
          count("gaps");
          router.setGap(gap);
          cursor.resume = { type: "gap", ...gap };
        },
        "sse.bye"({ reason, retryMs }: { reason: string; retryMs?: number }) {
          failed(new SSEError("bye", `${reason}: the server ended the stream.`, { reason, retryAfterMs: retryMs }));
        },
      };

      /** @returns whether the event is the protocol's own business */
      const obey = ({ event = "", data }: RawEvent): boolean => {
        if (!event.startsWith("sse.")) return false;
        const act = control[event];
        try {
          act?.(JSON.parse(data) as never);
          onCursor();
        } catch (cause) {
          const message = `A message on "${event}" was skipped: ${cause}. See "raw".`;
          onError(new SSEError("decode", message, { raw: data, cause }));
        }
        // A later version of the protocol may say more. A server that never said hello names its events as it likes.
        return !!act || cursor.contract;
      };

      const reader: ReturnType<Inbox["open"]> = {
        id(id) {
          if (snapshot && (id === head || isAtOrBefore(head, id))) {
            const complete = snapshot;
            snapshot = null;
            for (const raw of complete) {
              if (raw.id !== undefined) reader.id(raw.id);
              reader.event(raw);
            }
          }
          if (signal.aborted || snapshot) return;
          if (!tail) settled = cursor.lastEventId;
          again = !advance(cursor, id);
          onCursor();
        },
        event(raw) {
          if (signal.aborted || obey(raw)) return;
          if (snapshot) {
            snapshot.push(raw);
            return;
          }
          const { id } = raw;
          if (id !== undefined && again) return count("duplicates");
          healthy();
          const event = raw.event || "message";
          const route = router.route(event);
          if (!route) return count("unknown");
          // The rest of the stream is live once one message is: ids grow.
          const replayed = !!head && id !== undefined && isAtOrBefore(id, head);
          if (id !== undefined && !replayed) head = "";
          const envelope = {
            channel: route.channel,
            event,
            id,
            lastEventId: cursor.lastEventId,
            receivedAt: now(),
            replayed,
          };
          const mine = generation;
          const step = () => accept(raw, route, envelope, mine);
          const pending = tail ? tail.then(step) : step();
          if (!pending) return;
          const last = pending.then(() => {
            if (tail === last) tail = null;
          });
          tail = last;
        },
      };
      return reader;
    },
  };
}
