import { render } from "@testing-library/vue";
import { expect, test } from "vitest";
import { createApp, defineComponent, effectScope, h, KeepAlive, nextTick, onMounted, ref, Suspense } from "vue";
import { useChannel, useSSE } from "../src/index.ts";
import { createWorld, event, freshUrl } from "./world.ts";

type World = ReturnType<typeof createWorld>;

/** A store as state libraries make them: set up by whoever uses it first, in a scope that ends with nobody. */
function defineStore({ client }: World) {
  const scope = effectScope(true);
  let store: ReturnType<typeof useChannel> | undefined;
  return {
    useStore: () => {
      store ??= scope.run(() => effectScope().run(() => useChannel(client, "a")))!;
      return store;
    },
    stop: () => scope.stop(),
  };
}

test("in an effect scope outside of components it is live until the scope ends", async () => {
  const { environment, open, settle, linger } = createWorld();
  const scope = effectScope();
  const { data } = scope.run(() => useSSE(freshUrl(), { environment }))!;
  const stream = await open();
  stream.push("data: 1\n\n");
  await settle();
  expect(data.value).toBe(1);
  scope.stop();
  await linger();
  expect(stream.aborted).toBe(true);
  expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
});

test("without any scope it is live at once", async () => {
  const { client, open, settle } = createWorld();
  const name = ref("a");
  const { data } = useChannel(client, name);
  const stream = await open();
  stream.push(event(1));
  await settle();
  expect(data.value).toBe(1);
  name.value = "b";
  await settle();
  stream.push(event(2, "b"));
  await settle();
  expect(data.value).toBe(2);
});

test("a scope of a component's own ends, and is put aside, with it", async () => {
  const world = createWorld();
  const { client, open, linger } = world;
  const isShown = ref(true);
  const Live = defineComponent(() => {
    const { data } = effectScope().run(() => useChannel(client, "a"))!;
    return () => h("p", String(data.value));
  });
  const { unmount } = render(defineComponent(() => () => h(KeepAlive, () => isShown.value && h(Live))));
  const first = await open();
  isShown.value = false;
  await linger();
  expect(first.aborted).toBe(true);
  isShown.value = true;
  await nextTick();
  const second = await open();
  unmount();
  await linger();
  expect(second.aborted).toBe(true);
});

test("a store is neither put aside nor unmounted with the component that set it up", async () => {
  const world = createWorld();
  const { open, settle, linger } = world;
  const { useStore, stop } = defineStore(world);
  const isShown = ref(true);
  const First = defineComponent(() => {
    const { data } = useStore();
    return () => h("p", String(data.value));
  });
  const { unmount } = render(defineComponent(() => () => h(KeepAlive, () => isShown.value && h(First))));
  const stream = await open();
  isShown.value = false;
  await linger();
  expect(stream.aborted).toBe(false);
  stream.push(event(1));
  await settle();
  expect(useStore().data.value).toBe(1);
  unmount();
  await linger();
  stream.push(event(2));
  await settle();
  expect(useStore().data.value).toBe(2);
  stop();
  await linger();
  expect(stream.aborted).toBe(true);
});

test("a store that is set up by a component which never mounts is live for the others", async () => {
  const world = createWorld();
  const { open, settle } = world;
  const { useStore } = defineStore(world);
  const Never = defineComponent({
    async setup() {
      useStore();
      await new Promise(() => {});
      return () => null;
    },
  });
  const isShown = ref(true);
  render(defineComponent(() => () => isShown.value && h(Suspense, () => h(Never))));
  isShown.value = false;
  await nextTick();
  const { container } = render(
    defineComponent(() => {
      const { data } = useStore();
      return () => h("p", String(data.value));
    }),
  );
  (await open()).push(event(1));
  await settle();
  expect(container.textContent).toBe("1");
});

test("called when the component has been mounted, it is live until that is unmounted", async () => {
  const { client, open, settle, linger } = createWorld();
  let live: ReturnType<typeof useChannel> | undefined;
  const { unmount } = render(
    defineComponent(() => {
      onMounted(() => {
        live = useChannel(client, "a");
      });
      return () => h("p");
    }),
  );
  const stream = await open();
  stream.push(event(1));
  await settle();
  expect(live?.data.value).toBe(1);
  unmount();
  await linger();
  expect(stream.aborted).toBe(true);
});

test("called in an app's context, before there is a component, it is live", async () => {
  const { client, open, settle } = createWorld();
  const app = createApp({ render: () => null });
  const { data } = app.runWithContext(() => useChannel(client, "a"));
  (await open()).push(event(1));
  await settle();
  expect(data.value).toBe(1);
});
