import type { ServerResponse } from "node:http";
import { createStreamProgress } from "./stream-progress.ts";

/** What was broken so far. */
export interface FaultCounters {
  /** Streams broken on purpose, in whichever way. */
  readonly drops: number;
  /** Those that ended in the middle of a frame. */
  readonly midFrame: number;
  /** Those that ended when some, but not all, of the missed events had been replayed. */
  readonly midReplay: number;
}

/** Breaks streams, as bad networks do. */
export interface Faults {
  readonly counters: FaultCounters;
  /** Takes charge of a response before anything is written to it. */
  watch(res: ServerResponse): void;
  /** Breaks every stream now. Returns how many there were. */
  drop(): number;
  /** Breaks every stream once `afterBytes` more bytes of its body are out. Returns how many there are. */
  cut(afterBytes: number): number;
  /** Does so to the next stream that opens. Calls queue up. */
  cutNext(afterBytes: number): void;
  /** Writes nothing more to every stream, and leaves it open. Returns how many there are. */
  stall(): number;
  /** Whether new streams get their headers and nothing else for now. */
  readonly isBuffering: boolean;
  /** Holds back the bodies of new streams, as some proxies do; or passes on what was held back. */
  setBuffering(on: boolean): void;
  /** Breaks every stream without counting it: the server itself went away. */
  abandon(): void;
}

/** Enough for a busy browser on the same machine to take in the last bytes. */
const READING_MS = 150;

interface Stream {
  readonly res: ServerResponse;
  cutAfter: number;
  isStalled: boolean;
  /** What a proxy has taken and not passed on; `null` where there is none. */
  held: Uint8Array[] | null;
}

export function createFaults(): Faults {
  const streams = new Set<Stream>();
  const nextCuts: number[] = [];
  const counters = { drops: 0, midFrame: 0, midReplay: 0 };
  let isBuffering = false;

  function watch(res: ServerResponse) {
    const stream: Stream = {
      res,
      // A stream of which nothing gets through has nothing to cut.
      cutAfter: (isBuffering ? undefined : nextCuts.shift()) ?? Number.POSITIVE_INFINITY,
      isStalled: false,
      held: isBuffering ? [] : null,
    };
    const progress = createStreamProgress();
    const write = res.write.bind(res);
    streams.add(stream);
    res.once("close", () => streams.delete(stream));

    function cut(last: Uint8Array): boolean {
      streams.delete(stream);
      progress.feed(last);
      counters.drops++;
      if (progress.isMidFrame()) counters.midFrame++;
      if (progress.isMidReplay()) counters.midReplay++;
      // Destroying before it is sent would take it back, and browsers throw away what they have not read by then.
      return write(last, () => setTimeout(() => res.destroy(), READING_MS));
    }

    // Only the hub writes, and it passes bytes and nothing else.
    res.write = ((chunk: Uint8Array) => {
      if (!streams.has(stream)) return false;
      if (stream.isStalled) return true;
      if (stream.held) {
        stream.held.push(chunk);
        res.flushHeaders();
        return true;
      }
      if (chunk.byteLength >= stream.cutAfter) return cut(chunk.subarray(0, stream.cutAfter));
      stream.cutAfter -= chunk.byteLength;
      progress.feed(chunk);
      return write(chunk);
    }) as typeof res.write;
  }

  function abandon() {
    for (const { res } of streams) res.destroy();
    streams.clear();
  }

  return {
    counters,
    watch,
    drop() {
      const { size } = streams;
      counters.drops += size;
      abandon();
      return size;
    },
    cut(afterBytes) {
      for (const stream of streams) stream.cutAfter = afterBytes;
      return streams.size;
    },
    cutNext: (afterBytes) => void nextCuts.push(afterBytes),
    stall() {
      for (const stream of streams) stream.isStalled = true;
      return streams.size;
    },
    get isBuffering() {
      return isBuffering;
    },
    setBuffering(on) {
      isBuffering = on;
      if (on) return;
      for (const stream of streams) {
        const { held, res } = stream;
        stream.held = null;
        for (const chunk of held ?? []) res.write(chunk);
      }
    },
    abandon,
  };
}
