import { render } from "@testing-library/vue";
import type { AdapterHarness, Mounted, SuiteUse, SuiteView } from "test-kit/adapter-harness";
import { type Component, createSSRApp, defineComponent, h, nextTick, reactive, shallowReactive } from "vue";
import { renderToString } from "vue/server-renderer";
import { type SSEClient, useChannel, useSSE, type ViewRefs } from "../src/index.ts";

/** A component that records what its composable returns; `arguments` is what it is given, changeable. */
function createProbe(first: SuiteUse) {
  const given = shallowReactive({ ...first }) as SuiteUse;
  let view: SuiteView;
  let renders = 0;
  const setup = () => {
    const refs = (
      given.hook === "channel"
        ? useChannel(
            () => (given as Extract<SuiteUse, { hook: "channel" }>).client as SSEClient,
            () => (given as Extract<SuiteUse, { hook: "channel" }>).name,
            given.select as never,
          )
        : useSSE(
            () => (given as Extract<SuiteUse, { hook: "sse" }>).source as string | SSEClient,
            () => (given as Extract<SuiteUse, { hook: "sse" }>).options ?? {},
          )
    ) as ViewRefs<SuiteView>;
    // What a template sees.
    const seen = reactive({ ...refs }) as unknown as SuiteView;
    return () => {
      renders++;
      view = { ...seen };
      return h("output", JSON.stringify({ ...view, client: undefined }));
    };
  };
  return {
    component: defineComponent({ setup }) as Component,
    read: () => view,
    renders: () => renders,
    set: async (next: SuiteUse) => {
      Object.assign(given, next);
      await nextTick();
    },
  };
}

async function flush(change: () => void | Promise<void>) {
  await change();
  await nextTick();
}

export const harness: AdapterHarness = {
  flush,
  async mount(use): Promise<Mounted> {
    const { component, ...mounted } = createProbe(use);
    const { unmount } = render(component);
    await nextTick();
    return { ...mounted, unmount: () => flush(unmount) };
  },
  renderToString: (use) => renderToString(createSSRApp(createProbe(use).component)),
  async hydrate(use, html) {
    const { component, ...mounted } = createProbe(use);
    const container = document.createElement("div");
    container.innerHTML = html;
    const complaints: string[] = [];
    const app = createSSRApp(component);
    app.config.warnHandler = (message) => void complaints.push(message);
    app.mount(container);
    await nextTick();
    return { ...mounted, complaints, unmount: () => flush(() => app.unmount()) };
  },
};
