import { render } from "@testing-library/vue";
import type { AdapterHarness, Mounted, SuiteUse, SuiteView } from "test-kit/adapter-harness";
import { computed, createSSRApp, defineComponent, h, nextTick, onErrorCaptured, reactive, shallowRef } from "vue";
import { renderToString } from "vue/server-renderer";
import { type SSEClient, useChannel, useSSE, type ViewRefs } from "../src/index.ts";

type ChannelUse = Extract<SuiteUse, { hook: "channel" }>;
type StreamUse = Extract<SuiteUse, { hook: "sse" }>;

/** A component that records what its composable gives to a template, below one that catches what it throws. */
function createProbe(first: SuiteUse) {
  const use = shallowRef(first);
  const channel = () => use.value as ChannelUse;
  const stream = () => use.value as StreamUse;
  let view: SuiteView;
  let renders = 0;
  let thrown: unknown;

  const Probe = defineComponent(() => {
    const refs =
      first.hook === "channel"
        ? useChannel(
            () => channel().client as SSEClient,
            () => channel().name,
            computed(() => channel().select as never),
          )
        : useSSE(
            () => stream().source as string | SSEClient,
            () => stream().options ?? {},
          );
    const seen = reactive({ ...(refs as ViewRefs<SuiteView>) });
    return () => {
      renders++;
      view = { ...seen } as SuiteView;
      return h("output", JSON.stringify({ ...view, client: undefined }));
    };
  });
  const Boundary = defineComponent(() => {
    onErrorCaptured((error) => {
      thrown = error;
      return false;
    });
    return () => h(Probe);
  });

  const set = (next: SuiteUse) =>
    flush(() => {
      use.value = next;
    });
  return { Boundary, mounted: { read: () => view, renders: () => renders, thrown: () => thrown, set } };
}

async function flush(change: () => void | Promise<void>): Promise<void> {
  await change();
  await nextTick();
}

export const harness: AdapterHarness = {
  flush,
  async mount(use): Promise<Mounted> {
    const { Boundary, mounted } = createProbe(use);
    // Vue says a second time, to the console, that a setup has thrown.
    const { unmount } = render(Boundary, { global: { config: { warnHandler() {} } } });
    await nextTick();
    return { ...mounted, unmount: () => flush(unmount) };
  },
  renderToString: (use) => renderToString(createSSRApp(createProbe(use).Boundary)),
  async hydrate(use, html) {
    const { Boundary, mounted } = createProbe(use);
    const container = document.createElement("div");
    container.innerHTML = html;
    const complaints: string[] = [];
    const app = createSSRApp(Boundary);
    app.config.warnHandler = (message) => void complaints.push(message);
    app.mount(container);
    await nextTick();
    return { ...mounted, complaints, unmount: () => flush(() => app.unmount()) };
  },
};
