import { render } from "@testing-library/vue";
import { expect, test } from "vitest";
import { type Component, defineComponent, h, nextTick, ref, Suspense } from "vue";
import { useChannel, useSSE } from "../src/index.ts";
import { createWorld, event, freshUrl } from "./world.ts";

/** Below an element: the test library loses sight of a root that Suspense moves. */
const mountSuspended = (component: Component, isShown = ref(true)) =>
  render(
    defineComponent(
      () => () =>
        h("main", [isShown.value && h(Suspense, null, { default: () => h(component), fallback: () => "waiting" })]),
    ),
  );

function createGate() {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { gate, open: () => open() };
}

test("an async setup opens the connection when what it waits for is there", async () => {
  const { environment, harness, open, settle } = createWorld();
  const { gate, open: openGate } = createGate();
  const url = freshUrl();
  const Live = defineComponent({
    async setup() {
      const { status, data } = useSSE(url, { environment });
      await gate;
      return () => h("p", `${status.value} ${data.value}`);
    },
  });
  const { container } = mountSuspended(Live);
  await settle();
  expect(container.textContent).toBe("waiting");
  expect(harness.requests).toHaveLength(0);
  openGate();
  (await open()).push("data: 1\n\n");
  await settle();
  expect(container.textContent).toBe("open 1");
});

test("what has come while setup waited is shown", async () => {
  const { client, open, settle } = createWorld();
  const { gate, open: openGate } = createGate();
  const Live = defineComponent({
    async setup() {
      const { data } = useChannel(client, "a");
      await gate;
      return () => h("p", String(data.value));
    },
  });
  client.channel("a").on(() => {});
  const { container } = mountSuspended(Live);
  (await open()).push(event(1));
  await settle();
  openGate();
  await settle();
  expect(container.textContent).toBe("1");
});

test("an async setup that is given up leaves nothing behind", async () => {
  const { environment, harness, settle, linger } = createWorld();
  const { gate, open: openGate } = createGate();
  const url = freshUrl();
  const isShown = ref(true);
  const Live = defineComponent({
    async setup() {
      const { status } = useSSE(url, { environment });
      await gate;
      return () => h("p", status.value);
    },
  });
  const { container } = mountSuspended(Live, isShown);
  await settle();
  isShown.value = false;
  await nextTick();
  openGate();
  await settle();
  await linger();
  expect(container.textContent).toBe("");
  expect(harness.requests).toHaveLength(0);
  expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
});
