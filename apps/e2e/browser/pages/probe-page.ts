import { type ConnectionState, createSSEClient } from "@x/sse-core";

/** What the probe page knows at one moment. */
export interface Reading {
  readonly visibility: DocumentVisibilityState;
  /** Animation frames since the page was loaded. */
  readonly frames: number;
  /** How often the subscriber of the client's view was called. */
  readonly flushes: number;
  /** Ids of all messages of the channel, in the order in which `on` was called. */
  readonly received: readonly string[];
  /** Id of the newest message in the view. */
  readonly newest: string | undefined;
  /** Length of the channel's history. */
  readonly kept: number;
  readonly dropped: number;
  readonly state: Pick<
    ConnectionState,
    "status" | "attempt" | "nextRetryAt" | "offline" | "stale" | "pausedBy" | "resume"
  >;
}

/** Something that happened, and when (ms since the page was loaded). */
export interface Happening {
  readonly what: string;
  readonly at: number;
}

const query = new URLSearchParams(location.search);
const client = createSSEClient({
  url: "/sse",
  contract: true,
  retry: { baseMs: 100, capMs: 200 },
  ...JSON.parse(query.get("options") ?? "{}"),
});
const channel = client.channel("tick");
const received: string[] = [];
let flushes = 0;
let frames = 0;

/** Kept by the tab, so that the next page can tell what happened on the way out of this one. */
function note(list: "trail" | "errors", what: string) {
  const items: Happening[] = JSON.parse(sessionStorage.getItem(list) ?? "[]");
  sessionStorage.setItem(list, JSON.stringify([...items, { what, at: performance.now() }]));
}

let last = "";
client.status.subscribe(() => {
  const { status } = client.status.get();
  if (status !== last) note("trail", status);
  last = status;
});
client.on("error", ({ code, message }) => note("errors", `client: ${code}: ${message}`));
addEventListener("error", ({ message }) => note("errors", `page: ${message}`));
addEventListener("unhandledrejection", ({ reason }) => note("errors", `promise: ${reason}`));

(function count() {
  frames++;
  requestAnimationFrame(count);
})();
client.view.subscribe(() => flushes++);
channel.on(({ id = "" }) => received.push(id));

// Listeners of an event are called in the order in which they were added, so these see what the client has made of it.
for (const type of ["visibilitychange", "resume"] as const)
  addEventListener(type, () => note("trail", type === "resume" ? "resumed" : document.visibilityState), true);
addEventListener("pageshow", ({ persisted }) => note("trail", persisted ? "restored" : "loaded"));
addEventListener("pagehide", () => note("trail", "left"));

/** Operated by the tests. */
export const probe = {
  client,
  read(): Reading {
    const { status, attempt, nextRetryAt, offline, stale, pausedBy, resume } = client.status.get();
    const { history, dropped } = channel.view.get();
    return {
      visibility: document.visibilityState,
      frames,
      flushes,
      received,
      newest: client.view.get().message?.id,
      kept: history.length,
      dropped,
      state: { status, attempt, nextRetryAt, offline, stale, pausedBy, resume },
    };
  },
};
Object.assign(globalThis, { probe });
