import type { SSEClient } from "@x/sse-core";

/** What the pages of the frameworks listen to. */
export type Channels = { tick: { n: number }; quiet: { n: number } };

/** Few, so that it is the flushes and not the drawing that set the pace. */
export const SHOWN = 10;

/** What a page of a framework knows at one moment. */
export interface RenderReading {
  readonly visibility: DocumentVisibilityState;
  /** Animation frames since the page was loaded. */
  readonly frames: number;
  /** How often each part of the page was rendered. */
  readonly renders: Readonly<Record<string, number>>;
  /** What the list shows. */
  readonly items: readonly number[];
  readonly messages: number;
  readonly status: string;
}

/**
 * Draws a page and lets tests operate it.
 *
 * @param draw - puts the components into the element; returns what takes them away
 */
export function startRenderProbe(client: SSEClient<Channels>, draw: (target: HTMLElement) => () => void) {
  let frames = 0;
  (function next() {
    frames++;
    requestAnimationFrame(next);
  })();
  const target = document.body.appendChild(document.createElement("main"));
  let remove = draw(target);
  const renderProbe = {
    read: (): RenderReading => ({
      visibility: document.visibilityState,
      frames,
      renders: { ...renders },
      items: [...document.querySelectorAll("li")].map(({ textContent }) => Number(textContent)),
      messages: client.stats.get().messages,
      status: client.status.get().status,
    }),
    /** Takes all components off the page. */
    hide: () => remove(),
    /** Puts new ones there. */
    show() {
      remove = draw(target);
    },
  };
  Object.assign(globalThis, { renderProbe });
  return renderProbe;
}

const renders: Record<string, number> = {};

/** Counts a rendering of a part of the page, and returns what it shows. */
export function rendered<T>(part: string, shown: T): T {
  renders[part] = (renders[part] ?? 0) + 1;
  return shown;
}
