import { fireEvent, render } from "@testing-library/vue";
import { expect, test, vi } from "vitest";
import { computed, defineComponent, h, nextTick, ref, watch, watchEffect } from "vue";
import { createSSEClient, defineChannels, type, useChannel, useReadable, useSSE } from "../src/index.ts";
import LivePrice from "./live-price.vue";
import { createWorld, event } from "./world.ts";

test("destructured in script setup, the refs are plain values in the template and follow the props", async () => {
  const { environment, open, settle } = createWorld();
  const channels = defineChannels({ "*": type<{ price: number }>() });
  const client = createSSEClient<{ [name: string]: { price: number } }>({ url: "/x", environment, channels });
  const { container, getByRole, rerender } = render(LivePrice, { props: { client, name: "gold" } });
  expect(container.textContent).toBe("idle…");
  const stream = await open();
  stream.push(event({ price: 5 }, "gold") + event({ price: 6 }, "gold"));
  await settle();
  expect(container.textContent).toBe("open6 of 2");
  await rerender({ name: "iron" });
  expect(container.textContent).toBe("open of 0");
  await fireEvent.click(getByRole("button"));
  expect(container.textContent).toContain("closed");
  expect(stream.aborted).toBe(true);
  await fireEvent.click(getByRole("button"));
  await open();
  expect(container.textContent).toContain("open");
});

test("what is known already is shown by the first render, which is the only one", async () => {
  const { client, open, settle } = createWorld();
  client.channel("a").on(() => {});
  (await open()).push(event(1));
  await settle();
  const shown: unknown[] = [];
  render(
    defineComponent(() => {
      const { data, loading } = useChannel(client, "a");
      const { status } = useSSE(client);
      return () => {
        shown.push([data.value, loading.value, status.value]);
        return h("p");
      };
    }),
  );
  await settle();
  expect(shown).toEqual([[1, false, "open"]]);
});

test("one subscription lasts, however much comes and whatever the options read", async () => {
  const { environment, open, settle } = createWorld();
  const token = ref("a");
  const client = createSSEClient({ url: "/x", environment, headers: () => ({ authorization: token.value }) });
  const { view } = client.channel("a");
  const subscribe = vi.spyOn(view, "subscribe");
  render(
    defineComponent(() => {
      const { data } = useChannel(client, "a");
      const { status } = useSSE(client);
      return () => h("p", `${status.value} ${data.value}`);
    }),
  );
  const stream = await open();
  for (let index = 0; index < 10; index++) {
    stream.push(event(index));
    token.value += "a";
    await settle();
  }
  expect(subscribe).toHaveBeenCalledOnce();
});

test("what is computed, and effects, run once for the 5,000 messages of a frame", async () => {
  const { client, environment, open, settle } = createWorld();
  const runs = { computed: 0, effect: 0, watcher: 0 };
  render(
    defineComponent(() => {
      const { data, history } = useChannel(client, "a");
      const twice = computed(() => {
        runs.computed++;
        return Number(data.value) * 2;
      });
      watchEffect(() => {
        runs.effect++;
        void history.value;
      });
      watch(data, () => {
        runs.watcher++;
      });
      return () => h("p", twice.value);
    }),
  );
  const stream = await open();
  Object.assign(runs, { computed: 0, effect: 0, watcher: 0 });
  for (let chunk = 0; chunk < 50; chunk++)
    stream.push(Array.from({ length: 100 }, (_, index) => event(chunk * 100 + index)).join(""));
  await environment.clock.advanceAsync(0);
  await settle();
  expect(runs).toEqual({ computed: 1, effect: 1, watcher: 1 });
});

test("a watcher of the message hears of equal payloads one after the other", async () => {
  const { client, open, settle } = createWorld();
  const heard: unknown[] = [];
  render(
    defineComponent(() => {
      const { message } = useChannel(client, "a");
      watch(message, (next) => heard.push(next?.data));
      return () => null;
    }),
  );
  const stream = await open();
  for (let index = 0; index < 3; index++) {
    stream.push(event("same"));
    await settle();
  }
  expect(heard).toEqual(["same", "same", "same"]);
});

test("any part of a client can be read, also one that changes", async () => {
  const { environment, open, settle } = createWorld();
  const channels = defineChannels({
    a: { ...type<string>(), key: (text) => text },
    b: { ...type<string>(), key: (text) => text },
  });
  const client = createSSEClient({ url: "/x", environment, channels });
  const name = ref<"a" | "b">("a");
  const { container } = render(
    defineComponent(() => {
      const stats = useReadable(client.stats);
      const state = useReadable(() => client.channel(name.value).state);
      return () => h("p", `${stats.value.messages} ${[...state.value.keys()]}`);
    }),
  );
  const stream = await open();
  stream.push(event("x") + event("y") + event("z", "b"));
  await settle();
  expect(container.textContent).toBe("3 x,y");
  name.value = "b";
  await nextTick();
  expect(container.textContent).toBe("3 z");
});
