import type { Environment } from "../environment.ts";

/** Follows what happens to the page. It listens only between `start` and `stop`, so an idle client holds on to nothing. */
export interface PageWatch {
  start(): void;
  stop(): void;
  isWatching(): boolean;
}

/**
 * @param hiddenMs - how long the page may be hidden before the connection is paused; `null`: for ever
 * @param pause - holds the connection back for a reason
 * @param resume - ends that
 * @param wake - time may have stood still, or the network may be back
 * @param onChange - told when the network went
 */
export function createPageWatch(
  { isHidden, onPageEvent, setTimer }: Environment,
  hiddenMs: number | null,
  pause: (reason: "hidden" | "left") => void,
  resume: (reason: "hidden" | "left") => void,
  wake: (wasFrozen: boolean) => void,
  onChange: () => void,
): PageWatch {
  let end: (() => void) | undefined;
  let cancel = () => {};
  const hide = () => {
    cancel();
    if (hiddenMs !== null) cancel = setTimer(() => pause("hidden"), hiddenMs);
  };
  return {
    start() {
      if (end) return;
      end = onPageEvent((event) => {
        if (event === "offline") return onChange();
        // A page with an open connection cannot be kept for going back. The server is left as if the page were closed,
        // and nothing that breaks on the way out is an error.
        if (event === "pagehide") return pause("left");
        if (!isHidden()) {
          cancel();
          resume("hidden");
        } else if (event === "visibilitychange") return hide();
        // Whatever it was: a page that was left and hears anything is back.
        resume("left");
        wake(event === "resume");
      });
      if (isHidden()) hide();
    },
    stop() {
      end?.();
      end = undefined;
      cancel();
      resume("left");
      resume("hidden");
    },
    isWatching: () => !!end,
  };
}
