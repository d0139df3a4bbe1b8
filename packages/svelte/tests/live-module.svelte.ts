import { type UseSSEOptions, useSSE } from "../src/index.js";

/** As an application's own module of shared state. */
export function createLive(url: string, options: UseSSEOptions) {
  const events = useSSE(url, options);
  const count = $derived(events.current.messages.length);
  return {
    get status() {
      return events.current.status;
    },
    get count() {
      return count;
    },
  };
}
