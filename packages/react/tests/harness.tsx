import { act, render } from "@testing-library/react";
import { StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import type { AdapterHarness, Mounted, SuiteUse, SuiteView } from "test-kit/adapter-harness";
import { type SSEClient, useChannel, useSSE } from "../src/index.ts";

/** A component that records what its hook returns. */
function createProbe() {
  let view: SuiteView;
  let renders = 0;
  const record = (next: unknown) => {
    renders++;
    view = next as SuiteView;
    return <output>{JSON.stringify({ ...view, client: undefined })}</output>;
  };
  function Channel({ client, name, select }: Extract<SuiteUse, { hook: "channel" }>) {
    return record(useChannel(client as SSEClient, name, select as never));
  }
  function Stream({ source, options }: Extract<SuiteUse, { hook: "sse" }>) {
    return record(useSSE(source as string | SSEClient, options));
  }
  return {
    element: (use: SuiteUse) => (use.hook === "channel" ? <Channel {...use} /> : <Stream {...use} />),
    read: () => view,
    renders: () => renders,
  };
}

const flush = (change: () => void | Promise<void>) => act(async () => change());

export const createHarness = ({ strict }: { strict: boolean }): AdapterHarness => ({
  flush,
  async mount(use): Promise<Mounted> {
    const { element, read, renders } = createProbe();
    const { rerender, unmount } = render(element(use), strict ? { wrapper: StrictMode } : {});
    return {
      read,
      // StrictMode renders everything twice.
      renders: () => renders() / (strict ? 2 : 1),
      set: (next) => flush(() => rerender(element(next))),
      unmount: () => flush(unmount),
    };
  },
  renderToString: async (use) => renderToString(createProbe().element(use)),
  async hydrate(use, html) {
    const { element, read, renders } = createProbe();
    const container = document.createElement("div");
    container.innerHTML = html;
    const complaints: string[] = [];
    let root: ReturnType<typeof hydrateRoot>;
    await flush(() => {
      root = hydrateRoot(container, element(use), { onRecoverableError: (error) => complaints.push(String(error)) });
    });
    return {
      read,
      renders,
      complaints,
      set: (next) => flush(() => root.render(element(next))),
      unmount: () => flush(() => root.unmount()),
    };
  },
});
