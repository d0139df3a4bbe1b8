/** How a log is: in order, with some of it failing, or out of reach. */
export type LogStatus = "up" | "degraded" | "down";

/** Watches over what a log says of itself. */
export interface LogWatch {
  readonly status: LogStatus;
  /** False while clients are told that they may see old data. */
  readonly isLive: boolean;
  set(status: LogStatus): void;
  /** Tells clients where that has become due. Call it at least once a second while there are any. */
  look(): void;
}

/** What {@link createLogWatch} needs. */
export interface LogWatchConfig {
  now(): number;
  changed(status: LogStatus, previous: LogStatus): void;
  /** Tells every client. */
  tell(isLive: boolean): void;
}

/** A reader that reconnects takes a moment, which is nobody's concern. */
const BEFORE_TELLING_MS = 10_000;

/** Creates the watch over a log that is up. It needs no timer: without clients there is nobody to tell. */
export function createLogWatch({ now, changed, tell }: LogWatchConfig): LogWatch {
  let status: LogStatus = "up";
  let isLive = true;
  let failingSince = 0;

  function say(next: boolean) {
    if (isLive === next) return;
    isLive = next;
    tell(next);
  }

  return {
    get status() {
      return status;
    },
    get isLive() {
      return isLive;
    },
    set(next) {
      if (next === status) return;
      const previous = status;
      status = next;
      if (previous === "up") failingSince = now();
      if (next === "up") say(true);
      changed(next, previous);
    },
    look() {
      if (status !== "up" && now() - failingSince > BEFORE_TELLING_MS) say(false);
    },
  };
}
