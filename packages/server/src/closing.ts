import { awayRetryMs, type CloseOptions, type CloseResult, resolveCloseOptions } from "./shutdown.ts";

/** The end of a hub, which begins once. */
export interface Closing {
  /** When those who are sent away are to come back; `undefined` while the hub is open. */
  awayMs(): number | undefined;
  /**
   * Begins it. Further calls return the first one's promise.
   *
   * @throws {OptionError}
   */
  begin(options: CloseOptions): Promise<CloseResult>;
}

/** Creates what closes a hub by `finish`. */
export function createClosing(
  random: () => number,
  finish: (options: Required<CloseOptions>) => Promise<CloseResult>,
): Closing {
  let result: Promise<CloseResult> | undefined;
  let spreadMs: number | undefined;

  return {
    awayMs: () => (spreadMs === undefined ? undefined : awayRetryMs(spreadMs, random)),
    begin(options) {
      if (result) return result;
      const resolved = resolveCloseOptions(options);
      // Before the first end, as that can lead to further requests.
      spreadMs = resolved.spreadMs;
      let settle!: (result: Promise<CloseResult>) => void;
      // Before it, too, as a hook that is told of an end can call this again.
      result = new Promise((resolve) => {
        settle = resolve;
      });
      settle(finish(resolved));
      return result;
    },
  };
}
