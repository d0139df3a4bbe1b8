import type { Readable } from "@x/sse-core";

const HASH = "#server";
const HEADING = "server";

let isShown = location.hash === HASH;
const listeners = new Set<() => void>();

/** Whether somebody looks at the server: its figures and the tasks it runs are on the stream only while they are shown. */
export const serverShown: Readable<boolean> = {
  get: () => isShown,
  getServer: () => isShown,
  subscribe(listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

export function showServer(next: boolean): void {
  isShown = next;
  for (const listener of listeners) listener();
}

/** Who goes there by a link wants to see it. What appears makes the page longer, so the browser has not got far enough. */
function goThere(): void {
  if (location.hash !== HASH) return;
  showServer(true);
  requestAnimationFrame(() => document.getElementById(HEADING)?.scrollIntoView());
}

addEventListener("hashchange", goThere);
addEventListener("load", goThere);

/** Stands in place of the cards while nobody looks at them. */
export const SERVER_NOT_WATCHED =
  "Not watched: the open stream goes on without the server’s figures and your tasks. Watch it, and what is known comes at once.";
