import { advance, type Cursor, isAtOrBefore } from "./channels/cursor.ts";
import type { Delivery } from "./channels/delivery.ts";
import type { Router } from "./channels/router.ts";
import type { Attempt } from "./connection/attempt.ts";
import type { Gap } from "./connection/status.ts";
import { SSEError } from "./errors.ts";
import type { StatsRecorder } from "./stats.ts";
import type { RawEvent, TransportSink } from "./transport/transport.ts";

/** The part of `sse.hello` that is used here. Source: PROTOCOL.md, Frames. */
export interface Hello {
  readonly conn: string;
  readonly epoch: string;
  readonly pos: string;
  readonly heartbeatMs: number | null;
  readonly channels: readonly string[];
  readonly resume: "fresh" | "resumed" | "gap";
  readonly replayed: number;
}

/** What a stream is read into. */
export interface Inbox {
  readonly cursor: Cursor;
  readonly router: Router;
  readonly delivery: Delivery;
  readonly recorder: StatsRecorder;
  /** Told when the cursor has changed. */
  readonly touch: () => void;
  readonly onError: (error: SSEError) => void;
  readonly onHello: (hello: Hello, attempt: Attempt) => void;
  /** Some channels have lost messages. */
  readonly lose: (gap: Gap) => void;
  /** The stream carries one more channel from now on. */
  readonly onSubscribed: (channel: string) => void;
}

/**
 * Reads one stream: passes on its events, each once, and acts on the server's control events. Once the attempt's signal is
 * aborted, in the middle of a chunk too, nothing of it is delivered or counts as received.
 */
export function createSink(
  { cursor, router, delivery, recorder, touch, onError, lose, onHello, onSubscribed }: Inbox,
  attempt: Attempt,
): TransportSink {
  const { count } = recorder;
  const { signal, opened } = attempt;
  // Where the server's log ended when the stream began: what comes up to there is replayed.
  let head = "";
  let epoch = "";
  // Messages of a first snapshot, until all of it is there. They may be older than what history has to hold, so a
  // stream that breaks among them begins afresh; resuming there would look like a loss.
  let opening: RawEvent[] | null = null;
  // Asking the signal for every event costs as much as reading it.
  let isOver = signal.aborted;
  const end = () => {
    isOver = true;
  };
  signal.addEventListener("abort", end, { once: true });
  delivery.renew(signal);
  let isHealthy = false;
  // Whether the block being read has an id that was received before.
  let again = false;

  const control: Readonly<Record<string, (value: never) => void>> = {
    "sse.hello"(hello: Hello) {
      const { resume: type, replayed } = hello;
      cursor.contract = true;
      epoch = hello.epoch;
      head = `${epoch}.${hello.pos}`;
      // What a gap consists of follows in events of its own.
      if (type !== "gap") cursor.resume = { type };
      if (type === "resumed" && replayed) cursor.resume = { type: "replayed", count: replayed };
      // A fresh stream with nothing to replay starts exactly here. Without this, a link that dies before the first id
      // would begin afresh and lose what was published in between.
      if (type === "fresh" && replayed) opening = [];
      else if (type === "fresh") advance(cursor, head);
      onHello(hello, attempt);
    },
    "sse.gap"(gap: Gap) {
      count("gaps");
      cursor.resume = { type: "gap", ...gap };
      lose(gap);
    },
    "sse.subscribed"({ channel, pos }: { channel: string; pos: string }) {
      // Everything up to here was written before, also of the other channels.
      advance(cursor, `${epoch}.${pos}`);
      onSubscribed(channel);
    },
    "sse.bye"({ reason, retryMs }: { reason: string; retryMs?: number }) {
      attempt.failed(new SSEError("bye", `${reason}: the server ended the stream.`, { reason, retryAfterMs: retryMs }));
    },
  };

  /** @returns whether the event is the protocol's own business */
  const obey = ({ event = "", data }: RawEvent): boolean => {
    if (!event.startsWith("sse.")) return false;
    const act = control[event];
    try {
      act?.(JSON.parse(data) as never);
      touch();
    } catch (cause) {
      onError(
        new SSEError("decode", `A message on "${event}" was skipped: ${cause}. See "raw".`, { raw: data, cause }),
      );
    }
    // A later version of the protocol may say more. A server that never said hello names its events as it likes.
    return !!act || cursor.contract;
  };

  const sink: TransportSink = {
    open(transport) {
      count("connects");
      cursor.transport = transport;
      // In contract mode only a byte proves it: a proxy may send headers and hold back the rest.
      if (!cursor.contract) opened();
    },
    bytes(size) {
      recorder.bytes(size);
      attempt.hear();
      opened();
    },
    retry(ms) {
      cursor.retryMs = ms;
    },
    end: attempt.failed,
    id(id) {
      if (opening && (id === head || isAtOrBefore(head, id))) {
        const complete = opening;
        opening = null;
        for (const raw of complete) {
          if (raw.id !== undefined) sink.id(raw.id);
          sink.event(raw);
        }
      }
      if (isOver || opening) return;
      again = !advance(cursor, id);
      touch();
    },
    event(raw) {
      if (isOver || obey(raw)) return;
      if (opening) {
        opening.push(raw);
        return;
      }
      const { id, event = "" } = raw;
      if (id !== undefined && again) return count("duplicates");
      if (!isHealthy) attempt.healthy();
      isHealthy = true;
      const route = router.route(event || "message");
      if (!route) return count("unknown");
      // The rest of the stream is live once one message is: ids grow.
      const replayed = !!head && id !== undefined && isAtOrBefore(id, head);
      if (id !== undefined && !replayed) head = "";
      delivery.take(raw, route, replayed);
    },
  };
  return sink;
}
