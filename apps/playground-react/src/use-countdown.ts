import { useEffect, useState } from "react";

const STEP_MS = 100;

/** Milliseconds left until `time` (ms since 1970), counting down; `null` without a time. */
export function useCountdown(time: number | null): number | null {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (time === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), STEP_MS);
    return () => clearInterval(timer);
  }, [time]);
  return time === null ? null : Math.max(0, time - now);
}
