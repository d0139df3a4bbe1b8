import { expect, test, vi } from "vitest";
import { type Component, createSSRApp, defineComponent, effectScope, h, nextTick, ref, Suspense } from "vue";
import { renderToString } from "vue/server-renderer";
import { useChannel, useSSE } from "../src/index.ts";
import { createWorld, event, freshUrl } from "./world.ts";

/** Brings a server's HTML of a component to life. A warning of Vue's fails the test. */
function hydrate(component: Component, html: string) {
  const container = document.createElement("div");
  container.innerHTML = html;
  const app = createSSRApp(component);
  app.mount(container);
  return { container, unmount: () => app.unmount() };
}

test("what is known before hydration is shown right after it, with one more render", async () => {
  const { client, open, settle } = createWorld();
  const shown: string[] = [];
  const Live = defineComponent(() => {
    const { status } = useSSE(client);
    const { data, loading } = useChannel(client, "a");
    return () => {
      shown.push(`${status.value} ${data.value} ${loading.value}`);
      return h("p", shown.at(-1));
    };
  });
  const html = await renderToString(createSSRApp(Live));
  expect(html).toBe("<p>idle undefined true</p>");
  client.channel("a").on(() => {});
  (await open()).push(event(1));
  await settle();
  shown.length = 0;
  const { container, unmount } = hydrate(Live, html);
  expect(container.innerHTML).toBe(html);
  await nextTick();
  expect(container.textContent).toBe("open 1 false");
  expect(shown).toEqual(["idle undefined true", "open 1 false"]);
  unmount();
});

test("below a page that has come to life a component shows at once what is known", async () => {
  const { client, open, settle } = createWorld();
  client.channel("a").on(() => {});
  (await open()).push(event(1));
  await settle();
  const isShown = ref(false);
  const shown: unknown[] = [];
  const Live = defineComponent(() => {
    const { data } = useChannel(client, "a");
    return () => {
      shown.push(data.value);
      return h("p");
    };
  });
  const Page = defineComponent(() => () => h("main", isShown.value ? [h(Live)] : []));
  const { unmount } = hydrate(Page, await renderToString(createSSRApp(Page)));
  isShown.value = true;
  await nextTick();
  expect(shown).toEqual([1]);
  unmount();
});

test("a store that is set up while a page comes to life hydrates as the server rendered, then goes live", async () => {
  const { client, open, settle } = createWorld();
  const createPage = () => {
    const scope = effectScope(true);
    return defineComponent(() => {
      const { data } = scope.run(() => useChannel(client, "a"))!;
      return () => h("p", String(data.value));
    });
  };
  const subscribe = vi.spyOn(client.channel("a").view, "subscribe");
  const html = await renderToString(createSSRApp(createPage()));
  expect(subscribe).not.toHaveBeenCalled();
  client.channel("a").on(() => {});
  (await open()).push(event(1));
  await settle();
  const { container, unmount } = hydrate(createPage(), html);
  await nextTick();
  expect(container.textContent).toBe("1");
  unmount();
});

test("a URL is requested once the page has come to life, not before", async () => {
  const { environment, harness, open } = createWorld();
  const url = freshUrl();
  const Live = defineComponent(() => {
    const { status } = useSSE(url, { environment });
    return () => h("p", status.value);
  });
  const html = await renderToString(createSSRApp(Live));
  expect(harness.requests).toHaveLength(0);
  const { container, unmount } = hydrate(Live, html);
  await open();
  expect(container.textContent).toBe("open");
  unmount();
});

test("a store whose component is given up while the page comes to life is live for the others", async () => {
  const { client, open, settle } = createWorld();
  const scope = effectScope(true);
  let live: ReturnType<typeof useChannel> | undefined;
  const isShown = ref(true);
  const Never = defineComponent({
    async setup() {
      live = scope.run(() => useChannel(client, "a"));
      await new Promise(() => {});
      return () => null;
    },
  });
  const Page = defineComponent(() => () => h("main", [isShown.value && h(Suspense, () => h(Never))]));
  hydrate(Page, "<main><p></p></main>");
  await settle();
  isShown.value = false;
  await settle();
  (await open()).push(event(1));
  await settle();
  expect(live?.data.value).toBe(1);
  scope.stop();
});
