import { useCallback, useState } from "react";
import { useInterval } from "./use-interval.ts";

/** The time (ms since 1970), brought up to date every so many milliseconds; `null` stops it. */
export function useNow(everyMs: number | null): number {
  const [now, setNow] = useState(Date.now);
  useInterval(
    useCallback(() => setNow(Date.now()), []),
    everyMs,
  );
  return now;
}
