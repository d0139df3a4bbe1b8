import type { ConnectionState } from "../connection/status.ts";
import { type Environment, report } from "../environment.ts";
import { endAll } from "../store/listeners.ts";
import type { Readable } from "../store/readable.ts";

/** What `holdWhile` decides by. */
export interface HoldContext {
  /** Of the channel's connection. */
  readonly state: ConnectionState;
  /** The page is out of sight. */
  readonly isHidden: boolean;
}

/** Whether a queue may start handlers. */
export interface Hold {
  isOn(): boolean;
  /** Calls back whenever that may have changed; the returned function ends it. */
  watch(onChange: () => void): () => void;
}

/** @param holdWhile - asked besides; `null`: nothing ever holds */
export function createHold(
  status: Readable<ConnectionState>,
  holdWhile: ((context: HoldContext) => boolean) | null | undefined,
  { isHidden, onPageEvent }: Pick<Environment, "isHidden" | "onPageEvent">,
): Hold {
  return {
    isOn() {
      const state = status.get();
      if (holdWhile === null) return false;
      if (state.offline || state.pausedBy.length > 0) return true;
      try {
        return !!holdWhile?.({ state, isHidden: isHidden() });
      } catch (error) {
        // Work that waits can be done later; work that was not to be done cannot be undone.
        report(error);
        return true;
      }
    },
    watch(onChange) {
      const unsubscribe = status.subscribe(onChange);
      return holdWhile ? endAll(unsubscribe, onPageEvent(onChange)) : unsubscribe;
    },
  };
}
