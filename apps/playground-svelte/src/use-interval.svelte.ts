/** Acts when the component is mounted, and then every so many milliseconds while it is; `null` stops it. */
export function useInterval(act: () => void, everyMs: () => number | null): void {
  const stepMs = $derived(everyMs());
  $effect(() => {
    if (stepMs === null) return;
    act();
    const timer = setInterval(act, stepMs);
    return () => clearInterval(timer);
  });
}
