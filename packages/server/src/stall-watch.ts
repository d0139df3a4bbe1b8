import type { Environment } from "./environment.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createLiveness, isStalled, type Liveness, noteEnd, noteLook } from "./liveness.ts";
import type { NodeResponse } from "./node-sink.ts";

/** Drops answers whose peer takes nothing of them: they would be kept for as long as it likes. */
export interface StallWatch {
  /** Looks at an answer until it has been handed over or is dropped. */
  watch(res: NodeResponse): WatchedAnswer;
}

/** An answer that is being written. */
interface WatchedAnswer {
  /** Tells that all of it has been written. */
  written(): void;
  /** Looks at it no more. */
  forget(): void;
}

/** Creates a watch over nothing. One timer looks at all of them, and exists only while there are any. */
export function createStallWatch(environment: Environment, stallMs: number): StallWatch {
  const watched = new Map<NodeResponse, Liveness>();
  const timer = createHeartbeat({
    environment,
    heartbeatMs: null,
    stallMs,
    onTick(now) {
      for (const [res, liveness] of watched) {
        noteLook(liveness, now, bufferedIn(res));
        if (isStalled(liveness, { stallMs }, now)) res.destroy();
      }
    },
  });

  return {
    watch(res) {
      const liveness = createLiveness(environment, environment.now());
      // Before the next write, which would hide it.
      const look = () => noteLook(liveness, environment.now(), bufferedIn(res));
      const forget = () => {
        res.removeListener("drain", look);
        res.removeListener("close", forget);
        res.removeListener("finish", forget);
        watched.delete(res);
        if (watched.size === 0) timer.stop();
      };
      res.on("drain", look);
      res.on("close", forget);
      res.on("finish", forget);
      watched.set(res, liveness);
      timer.start();
      return { written: () => noteEnd(liveness, environment.now()), forget };
    },
  };
}

function bufferedIn({ writableLength = 0 }: NodeResponse): number {
  return writableLength;
}
