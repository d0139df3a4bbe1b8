import { render } from "@testing-library/vue";
import { expect, test, vi } from "vitest";
import { createApp, defineComponent, h, nextTick, ref } from "vue";
import { useChannel, useSSE } from "../src/index.ts";
import { createWorld, event, freshUrl } from "./world.ts";

test("a list of 200 components shares one connection, and each renders once per frame", async () => {
  const { client, harness, open, settle } = createWorld();
  let renders = 0;
  const Row = defineComponent(() => {
    const { data } = useChannel(client, "a");
    return () => {
      renders++;
      return h("li", String(data.value));
    };
  });
  const { container } = render({
    components: { Row },
    template: '<ul><Row v-for="index in 200" :key="index" /></ul>',
  });
  const stream = await open();
  const before = renders;
  stream.push(event(1) + event(2));
  await settle();
  expect(renders).toBe(before + 200);
  expect(container.textContent).toBe("2".repeat(200));
  expect(harness.requests).toHaveLength(1);
});

test("a remount under a new key, as a hot replacement does it, keeps the one connection", async () => {
  const { environment, harness, open, linger } = createWorld();
  const url = freshUrl();
  const version = ref(0);
  const Live = defineComponent(() => {
    const { status } = useSSE(url, { environment });
    return () => h("p", status.value);
  });
  const { container } = render(defineComponent(() => () => h(Live, { key: version.value })));
  await open();
  for (let count = 0; count < 3; count++) {
    version.value++;
    await nextTick();
    expect(container.textContent).toBe("open");
  }
  await linger();
  expect(harness.requests).toHaveLength(1);
  expect(harness.openStreams).toBe(1);
});

test("two apps on one page share the connection of a URL", async () => {
  const { environment, harness, open, linger } = createWorld();
  const url = freshUrl();
  const containers = [document.createElement("div"), document.createElement("div")] as const;
  const [first, second] = containers.map((container) => {
    const app = createApp(
      defineComponent(() => {
        const { status } = useSSE(url, { environment });
        return () => h("p", status.value);
      }),
    );
    app.mount(container);
    return app;
  });
  const stream = await open();
  expect(containers.map(({ textContent }) => textContent)).toEqual(["open", "open"]);
  expect(harness.requests).toHaveLength(1);
  first?.unmount();
  await linger();
  expect(stream.aborted).toBe(false);
  second?.unmount();
  await linger();
  expect(stream.aborted).toBe(true);
});

test("unmounting while a frame is pending renders nothing more", async () => {
  const { client, environment, open, settle } = createWorld();
  let renders = 0;
  const { unmount } = render(
    defineComponent(() => {
      const { data } = useChannel(client, "a");
      return () => {
        renders++;
        return h("p", String(data.value));
      };
    }),
  );
  const stream = await open();
  stream.push(event(1));
  await environment.clock.advanceAsync(0);
  const before = renders;
  unmount();
  await settle();
  // Published, but not rendered yet.
  expect(client.channel("a").latest.get()?.data).toBe(1);
  expect(renders).toBe(before);
});

test("mounting and unmounting 1,000 components leaves no listener and no timer", async () => {
  const { client, environment, open, settle, linger } = createWorld();
  const listening = new Set<object>();
  for (const view of [client.view, client.channel("a").view]) {
    const { subscribe } = view;
    vi.spyOn(view, "subscribe").mockImplementation((onChange) => {
      const end = subscribe(onChange);
      const mark = {};
      listening.add(mark);
      return () => {
        listening.delete(mark);
        end();
      };
    });
  }
  const Live = defineComponent(() => {
    const { status } = useSSE(client);
    const { data } = useChannel(client, "a", (value) => value);
    return () => h("p", `${status.value} ${data.value}`);
  });
  // Without the test library, which looks at each.
  const app = createApp(defineComponent(() => () => Array.from({ length: 1_000 }, (_, key) => h(Live, { key }))));
  app.mount(document.createElement("div"));
  const stream = await open();
  expect(listening.size).toBe(2_000);
  app.unmount();
  await settle();
  expect(listening.size).toBe(0);
  await linger();
  expect(stream.aborted).toBe(true);
  expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
}, 30_000);
