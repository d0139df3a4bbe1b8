/** How far a stream has been written. */
export interface StreamProgress {
  /** Notes bytes of the body that went out. */
  feed(bytes: Uint8Array): void;
  /** The last byte was not the last of a frame. */
  isMidFrame(): boolean;
  /** Some of the missed events that the stream began with are out, but not all. */
  isMidReplay(): boolean;
}

const END_OF_FRAME = "\n\n";

/** Reads along with one stream of PROTOCOL.md. */
export function createStreamProgress(): StreamProgress {
  let partial = "";
  let due = 0;
  let replayed = 0;

  function note(frame: string) {
    const event = /^event: (.*)$/m.exec(frame)?.[1];
    if (event === "sse.hello") {
      const hello = JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? "{}") as { resume?: string; replayed?: number };
      // The snapshot of a fresh stream is no replay: nothing had been missed.
      due = hello.resume === "fresh" ? 0 : (hello.replayed ?? 0);
    } else if (event && !event.startsWith("sse.")) replayed++;
  }

  return {
    feed(bytes) {
      // One character per byte, so that a cut inside a character does no harm.
      const frames = (partial + Buffer.from(bytes).toString("latin1")).split(END_OF_FRAME);
      partial = frames.pop() ?? "";
      frames.forEach(note);
    },
    isMidFrame: () => partial !== "",
    isMidReplay: () => replayed < due && (replayed > 0 || partial !== ""),
  };
}
