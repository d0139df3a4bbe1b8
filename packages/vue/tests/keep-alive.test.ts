import { render } from "@testing-library/vue";
import { expect, test, vi } from "vitest";
import { type Component, defineComponent, h, KeepAlive, nextTick, ref } from "vue";
import { useChannel, useSSE } from "../src/index.ts";
import { createWorld, event, freshUrl } from "./world.ts";

/** Shows one component or another below `<KeepAlive>`. */
function mountTabs(first: Component) {
  const isFirst = ref(true);
  const Other = defineComponent(() => () => h("i", "other"));
  const { container, unmount } = render(
    defineComponent(() => () => h("main", [h(KeepAlive, () => h(isFirst.value ? first : Other))])),
  );
  const show = async (value: boolean) => {
    isFirst.value = value;
    await nextTick();
  };
  return { container, unmount, show };
}

test("a component put aside closes after the linger time; brought back it resumes and shows the current value", async () => {
  const { environment, harness, open, settle, linger } = createWorld();
  const url = freshUrl();
  const { container, show, unmount } = mountTabs(
    defineComponent(() => {
      const { status, data } = useSSE(url, { environment });
      return () => h("p", `${status.value} ${data.value}`);
    }),
  );
  const first = await open();
  first.push(event(1, "a", "7"));
  await settle();
  expect(container.textContent).toBe("open 1");
  await show(false);
  expect(first.aborted).toBe(false);
  await linger();
  expect(first.aborted).toBe(true);
  expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });

  await show(true);
  expect(container.textContent).toBe("connecting 1");
  const second = await open();
  expect(second.headers.get("last-event-id")).toBe("7");
  expect(container.textContent).toBe("open 1");
  await show(false);
  await show(true);
  await linger();
  expect(harness.requests).toHaveLength(2);
  unmount();
  await linger();
  expect(second.aborted).toBe(true);
});

test("put aside it renders nothing, stays connected for others, and is current the moment it is back", async () => {
  const { client, harness, open, settle, linger } = createWorld();
  let renders = 0;
  const { container, show } = mountTabs(
    defineComponent(() => {
      const { data } = useChannel(client, "a");
      return () => {
        renders++;
        return h("p", String(data.value));
      };
    }),
  );
  render(
    defineComponent(() => {
      const { data } = useChannel(client, "a");
      return () => h("p", String(data.value));
    }),
  );
  const stream = await open();
  await show(false);
  await linger();
  const before = renders;
  stream.push(event(5));
  await settle();
  expect(renders).toBe(before);
  await show(true);
  expect(container.textContent).toBe("5");
  expect(harness.requests).toHaveLength(1);
  expect(stream.aborted).toBe(false);
});

test("the first mount below KeepAlive subscribes once", async () => {
  const { client, open } = createWorld();
  const subscribe = vi.spyOn(client.channel("a").view, "subscribe");
  const { show } = mountTabs(
    defineComponent(() => {
      const { data } = useChannel(client, "a");
      return () => h("p", String(data.value));
    }),
  );
  await open();
  expect(subscribe).toHaveBeenCalledOnce();
  await show(false);
  await show(true);
  expect(subscribe).toHaveBeenCalledTimes(2);
});

test("components deep below the one put aside go and come back with it", async () => {
  const { client, open, settle, linger } = createWorld();
  const Leaf = defineComponent(() => {
    const { data } = useChannel(client, "a");
    return () => h("p", String(data.value));
  });
  const Middle = defineComponent(() => () => h("div", [h(KeepAlive, () => h(Leaf))]));
  const { container, show } = mountTabs(defineComponent(() => () => h("section", [h(Middle)])));
  const stream = await open();
  stream.push(event(1));
  await settle();
  await show(false);
  await linger();
  expect(stream.aborted).toBe(true);
  await show(true);
  (await open()).push(event(2));
  await settle();
  expect(container.textContent).toBe("2");
});

test("a component that is mounted below one put aside opens nothing before that is brought back", async () => {
  const { client, harness, open, settle, linger } = createWorld();
  const hasCome = ref(false);
  const Late = defineComponent(() => {
    const { status } = useSSE(client);
    const { loading } = useChannel(client, "a");
    return () => h("p", `${status.value} ${loading.value}`);
  });
  const { container, show } = mountTabs(defineComponent(() => () => h("section", hasCome.value ? [h(Late)] : [])));
  await show(false);
  hasCome.value = true;
  await settle();
  await linger();
  expect(harness.requests).toHaveLength(0);
  await show(true);
  const stream = await open();
  expect(container.textContent).toBe("open false");
  await show(false);
  await linger();
  expect(stream.aborted).toBe(true);
});

test("arguments changed while put aside count when it is brought back", async () => {
  const { environment, harness, open, settle, linger } = createWorld();
  const [before, after] = [freshUrl(), freshUrl()];
  const url = ref(before);
  const { show } = mountTabs(
    defineComponent(() => {
      const { status } = useSSE(url, { environment });
      return () => h("p", status.value);
    }),
  );
  await open();
  await show(false);
  url.value = after;
  await settle();
  await linger();
  expect(harness.requests.map(({ url, aborted }) => [url, aborted])).toEqual([[before, true]]);
  await show(true);
  expect((await open()).url).toBe(after);
  expect(harness.openStreams).toBe(1);
});

test("one that KeepAlive forgets while it is put aside leaves nothing behind", async () => {
  const { client, environment, open, linger } = createWorld();
  const { show, unmount } = mountTabs(
    defineComponent(() => {
      const { data } = useChannel(client, "a");
      return () => h("p", String(data.value));
    }),
  );
  const stream = await open();
  await show(false);
  unmount();
  await linger();
  expect(stream.aborted).toBe(true);
  expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
});

test("a component brought back shares the connection that another one has opened meanwhile", async () => {
  const { environment, harness, open, linger } = createWorld();
  const url = freshUrl();
  const Live = defineComponent(() => {
    const { client, status } = useSSE(url, { environment });
    const { data } = useChannel(client, "a");
    return () => h("p", `${status.value} ${data.value}`);
  });
  const isShown = ref(true);
  render(defineComponent(() => () => h("main", [h(KeepAlive, () => isShown.value && h(Live))])));
  await open();
  isShown.value = false;
  await nextTick();
  await linger();
  render(Live);
  await open();
  isShown.value = true;
  await nextTick();
  await linger();
  expect(harness.requests).toHaveLength(2);
});
