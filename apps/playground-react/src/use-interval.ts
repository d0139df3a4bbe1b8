import { useEffect } from "react";

/** Acts when the component is mounted, and then every so many milliseconds while it is; `null` stops it. */
export function useInterval(act: () => void, everyMs: number | null): void {
  useEffect(() => {
    if (everyMs === null) return;
    act();
    const timer = setInterval(act, everyMs);
    return () => clearInterval(timer);
  }, [act, everyMs]);
}
