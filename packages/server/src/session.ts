import { drawMs } from "./draw.ts";
import { encodeFrame } from "./frame.ts";
import { MAX_WRITE_BYTES } from "./group.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createLiveness, isStalled, noteEnd, noteLook, noteWrite, takeBeat } from "./liveness.ts";
import { encodeMessage, type SessionMessage } from "./session-message.ts";
import type { SessionSettings } from "./session-options.ts";
import type { Sink } from "./sink.ts";

/**
 * Why a session is over: the client left, took too little, turned out to be gone at a write; the application closed it; or
 * the request was no `GET` or `POST` and has been answered with 405.
 */
export type SessionEnd = "client" | "slow" | "write-failed" | "closed" | "refused";

/** One client and its stream, without a hub. Every method is bound. */
export interface Session {
  /** A UUID; the welcome event tells it to the client. */
  readonly id: string;
  /** The last event id that the client presented. */
  readonly lastEventId: string | undefined;
  /** False once nothing more can be sent. */
  readonly isOpen: boolean;
  /** Resolves with the first reason once the stream is over. Never rejects. */
  readonly closed: Promise<SessionEnd>;
  /**
   * Sends an event. Resolves with true once the platform has it and room for more: await it to send no faster than the
   * client reads. Resolves with false when the session is over, or ends before that. Never rejects, and after the end it
   * throws nothing either.
   *
   * @throws {FrameError | ReservedEventError | InvalidDataError} at once, when the event cannot be sent. The `channel` of the
   * last is the event's name.
   *
   * @example
   * await session.send({ event: "progress", data: { percent: 40 } });
   */
  send(message: SessionMessage): Promise<boolean>;
  /**
   * Sends a comment, which clients skip. Resolves like `send`.
   *
   * @throws {FrameError} when the text is no string.
   */
  comment(text: string): Promise<boolean>;
  /**
   * Ends the stream after what was sent. A native `EventSource` comes back after that, so tell it beforehand to stop.
   * Further calls do nothing.
   */
  close(): void;
}

/** What one session starts from. */
export interface SessionStart {
  readonly id: string;
  readonly lastEventId: string | undefined;
  readonly settings: SessionSettings;
}

/** Encodes the first bytes of a session. Apart from opening it, as it throws for a welcome that cannot be sent. */
export function encodeFirstBytes(id: string, { welcome, retryMs, environment }: SessionSettings): string {
  const retry = encodeFrame({ retry: drawMs(retryMs, environment.random) });
  return welcome ? retry + encodeMessage(welcome(id)) : retry;
}

/** Opens a session on whatever sink `openSink` provides, and writes its first bytes. */
export function openSession(
  { id, lastEventId, settings }: SessionStart,
  firstBytes: string,
  openSink: () => Sink,
): Session {
  const { environment, heartbeatMs, stallMs, maxBufferedBytes } = settings;
  const { now, random } = environment;
  const encoder = new TextEncoder();
  const liveness = createLiveness({ random }, now());
  const heartbeat = createHeartbeat({ environment, heartbeatMs, stallMs, onTick: tick });
  const roomyBytes = Math.min(MAX_WRITE_BYTES, maxBufferedBytes);
  const waiting = new Set<(isTaken: boolean) => void>();
  let resolveClosed!: (reason: SessionEnd) => void;
  const closed = new Promise<SessionEnd>((resolve) => {
    resolveClosed = resolve;
  });
  let isOver = false;
  let isEnded = false;
  // The first one: what comes of an end is not another reason.
  let reason: SessionEnd | undefined;

  function answerWaiting(isTaken: boolean) {
    for (const answer of waiting) answer(isTaken);
    waiting.clear();
  }

  function forget() {
    if (isOver) return;
    isOver = true;
    heartbeat.stop();
    sink.release();
    answerWaiting(false);
    resolveClosed(reason ?? "client");
  }

  function drop(why: SessionEnd) {
    reason ??= why;
    if (!isOver) sink.destroy();
    forget();
  }

  function look() {
    const buffered = sink.buffered();
    noteLook(liveness, now(), buffered);
    if (buffered < roomyBytes) answerWaiting(true);
  }

  function isOpen() {
    return !isOver && !isEnded;
  }

  /** Returns false when the session is over, or has ended meanwhile. */
  function write(text: string): boolean {
    // Encoding can run code of the application, which may have closed it.
    if (!isOpen()) return false;
    look();
    if (sink.buffered() >= maxBufferedBytes) drop("slow");
    if (!isOpen()) return false;
    try {
      sink.write(encoder.encode(text));
      noteWrite(liveness, now(), sink.buffered());
      sink.flush();
    } catch {
      drop("write-failed");
    }
    return isOpen();
  }

  function hand(text: string): Promise<boolean> {
    if (!write(text)) return Promise.resolve(false);
    if (sink.buffered() < roomyBytes) return Promise.resolve(true);
    return new Promise((resolve) => waiting.add(resolve));
  }

  function tick(at: number, graceMs: number) {
    // A drain is not told of where somebody has raised the platform's high-water mark.
    look();
    if (isStalled(liveness, settings, at)) drop("slow");
    else if (sink.buffered() < maxBufferedBytes && takeBeat(liveness, { heartbeatMs, random }, at, graceMs))
      write(encodeFrame({ comment: "" }));
  }

  const sink = openSink();
  sink.listen({ onClose: forget, onDrain: look });
  heartbeat.start();
  write(firstBytes);

  return {
    id,
    lastEventId,
    get isOpen() {
      return isOpen();
    },
    closed,
    send: (message) => (isOpen() ? hand(encodeMessage(message)) : Promise.resolve(false)),
    comment: (text) => (isOpen() ? hand(encodeFrame({ comment: text })) : Promise.resolve(false)),
    close() {
      if (!isOpen()) return;
      isEnded = true;
      reason ??= "closed";
      look();
      // Over HTTP/2 it is not over before the request is, and a client may never finish that.
      noteEnd(liveness, now());
      answerWaiting(false);
      try {
        sink.end();
      } catch {
        drop("closed");
      }
    },
  };
}

/** A session that was over before it began. */
export function overSession(
  { id, lastEventId }: Pick<SessionStart, "id" | "lastEventId">,
  reason: SessionEnd,
): Session {
  const nothing = () => Promise.resolve(false);
  const closed = Promise.resolve(reason);
  return { id, lastEventId, isOpen: false, closed, send: nothing, comment: nothing, close() {} };
}
