import { act, render } from "@testing-library/react";
import { Component, type ReactNode, StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import type { AdapterHarness, Mounted, SuiteUse, SuiteView } from "test-kit/adapter-harness";
import { type SSEClient, useChannel, useSSE } from "../src/index.ts";

class Boundary extends Component<{ children: ReactNode; onError: (error: unknown) => void }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError = () => ({ failed: true });
  override componentDidCatch = (error: unknown) => this.props.onError(error);
  override render = () => !this.state.failed && this.props.children;
}

/** A component that records what its hook returns. */
function createProbe() {
  let view: SuiteView;
  let thrown: unknown;
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
  const onError = (error: unknown) => {
    thrown = error;
  };
  return {
    element: (use: SuiteUse) => (
      <Boundary onError={onError}>{use.hook === "channel" ? <Channel {...use} /> : <Stream {...use} />}</Boundary>
    ),
    read: () => view,
    renders: () => renders,
    thrown: () => thrown,
  };
}

const flush = (change: () => void | Promise<void>) => act(async () => change());

export const createHarness = ({ strict }: { strict: boolean }): AdapterHarness => ({
  flush,
  async mount(use): Promise<Mounted> {
    const { element, renders, ...mounted } = createProbe();
    const { rerender, unmount } = render(element(use), {
      // Not to the console: the boundary has it.
      onCaughtError: () => {},
      ...(strict && { wrapper: StrictMode }),
    });
    return {
      ...mounted,
      // StrictMode renders everything twice.
      renders: () => renders() / (strict ? 2 : 1),
      set: (next) => flush(() => rerender(element(next))),
      unmount: () => flush(unmount),
    };
  },
  renderToString: async (use) => renderToString(createProbe().element(use)),
  async hydrate(use, html) {
    const { element, ...mounted } = createProbe();
    const container = document.createElement("div");
    container.innerHTML = html;
    const complaints: string[] = [];
    let root: ReturnType<typeof hydrateRoot>;
    await flush(() => {
      root = hydrateRoot(container, element(use), { onRecoverableError: (error) => complaints.push(String(error)) });
    });
    return {
      ...mounted,
      complaints,
      set: (next) => flush(() => root.render(element(next))),
      unmount: () => flush(() => root.unmount()),
    };
  },
});
