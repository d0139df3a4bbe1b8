import { render } from "@testing-library/svelte";
import { type Component, flushSync, hydrate, tick, unmount } from "svelte";
import type { AdapterHarness, SuiteUse, SuiteView } from "test-kit/adapter-harness";
import { vi } from "vitest";
import type { UseSSE } from "../src/index.js";
import Boundary from "./boundary.svelte";
import { renderOnServer } from "./render-on-server.js";

export interface ProbeProps {
  use: SuiteUse;
  /** Told of every rendering; returns what is shown. */
  record: (view: SuiteView, used: object) => string;
}

/** What a probe is given: it counts the renderings and keeps the last one. */
function createRecorder(probe: Component<ProbeProps>) {
  let last: SuiteView;
  let renders = 0;
  let thrown: unknown;
  return {
    given: {
      probe,
      record(view: SuiteView, used: object) {
        renders++;
        last = view;
        if ("client" in used) {
          const { connect, disconnect, reconnect, client } = used as UseSSE;
          last = { ...view, connect, disconnect, reconnect, client };
        }
        return JSON.stringify(view);
      },
      onerror(error: unknown) {
        thrown = error;
      },
    },
    mounted: { read: () => last, renders: () => renders, thrown: () => thrown },
  };
}

async function flush(change: () => void | Promise<void>) {
  await change();
  await tick();
}

/** @param file - where `probe` is, to be compiled for the server as well */
export const createHarness = (probe: Component<ProbeProps>, file: string): AdapterHarness => ({
  flush,
  async mount(use) {
    const { given, mounted } = createRecorder(probe);
    const { rerender, unmount } = render(Boundary, { props: { use, ...given } });
    return { ...mounted, set: (next) => rerender({ use: next }), unmount: () => flush(unmount) };
  },
  renderToString: (use) =>
    renderOnServer(async (load) => ({
      component: await load<typeof Boundary>("boundary.svelte"),
      props: { use, ...createRecorder(await load(file)).given },
    })),
  async hydrate(use, html) {
    const { given, mounted } = createRecorder(probe);
    let current = $state.raw(use);
    const props = {
      ...given,
      get use() {
        return current;
      },
    };
    const target = document.createElement("div");
    target.innerHTML = html;
    const complaints: string[] = [];
    const complain = (...message: unknown[]) => void complaints.push(message.join(" "));
    const spies = (["warn", "error"] as const).map((method) => vi.spyOn(console, method).mockImplementation(complain));
    const component = hydrate(Boundary, { target, props });
    flushSync();
    for (const spy of spies) spy.mockRestore();
    // The boundary keeps from the console what goes wrong below it.
    if (mounted.thrown()) complain(mounted.thrown());
    return {
      ...mounted,
      complaints,
      set: (next) =>
        flush(() => {
          current = next;
        }),
      unmount: () => flush(() => unmount(component)),
    };
  },
});
