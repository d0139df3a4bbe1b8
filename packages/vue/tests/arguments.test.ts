import { render } from "@testing-library/vue";
import { expect, test, vi } from "vitest";
import { computed, defineComponent, h, nextTick, reactive, ref, shallowRef } from "vue";
import { createSSEClient, defineChannels, type SSEClient, type, useChannel, useSSE } from "../src/index.ts";
import { createWorld, event, freshUrl, takeWarnings } from "./world.ts";

test("a URL in a ref names another stream at once, before Vue renders", async () => {
  const { environment, open, settle, linger } = createWorld();
  const [before, after] = [freshUrl(), freshUrl()];
  const url = ref(before);
  let live!: ReturnType<typeof useSSE>;
  const { container } = render(
    defineComponent(() => {
      live = useSSE(url, { environment });
      return () => h("p", `${live.status.value} ${String(live.data.value)}`);
    }),
  );
  const old = await open();
  old.push("data: 1\n\n");
  await settle();
  expect(container.textContent).toBe("open 1");
  const { value: client } = live.client;

  url.value = after;
  expect([live.status.value, live.data.value, live.messages.value]).toEqual(["idle", undefined, []]);
  expect(live.client.value).not.toBe(client);
  // What comes for the old one before Vue has rendered.
  old.push("data: 2\n\n");
  await settle();
  expect(container.textContent).toBe("connecting undefined");
  expect(old.aborted).toBe(false);
  const next = await open();
  expect(next.url).toBe(after);
  old.push("data: 3\n\n");
  await settle();
  expect(container.textContent).toBe("open undefined");
  await linger();
  expect([old.aborted, next.aborted]).toEqual([true, false]);
});

test("client, channel and selector in refs name other values at once", async () => {
  const { environment, client: first, open, settle } = createWorld();
  const second = createSSEClient({ url: "http://host.test/second", environment });
  const stop = second.channel("b").on(() => {});
  (await open()).push(event(20, "b"));
  await settle();

  // Without definitions a client knows the channels that have been named.
  first.channel("b");

  const client = shallowRef<SSEClient>(first);
  const name = ref("a");
  const select = shallowRef((data: unknown) => Number(data) + 1);
  let live!: ReturnType<typeof useChannel>;
  render(
    defineComponent(() => {
      live = useChannel(client, () => name.value, select);
      return () => h("p", String(live.data.value));
    }),
  );
  (await open()).push(event(1) + event(10, "b"));
  await settle();
  expect(live.data.value).toBe(2);
  name.value = "b";
  expect(live.data.value).toBe(11);
  select.value = (data) => Number(data) * 3;
  expect(live.data.value).toBe(30);
  client.value = second;
  expect([live.data.value, live.loading.value, live.history.value.length]).toEqual([60, false, 1]);
  stop();
});

test("URL and key changed in one tick make one new connection and none in between", async () => {
  const { environment, harness, open, settle, linger } = createWorld();
  const [before, after] = [freshUrl(), freshUrl()];
  const url = ref(before);
  const key = ref("ann");
  render(
    defineComponent(() => {
      const { status } = useSSE(url, () => ({ environment, key: key.value, headers: { user: key.value } }));
      return () => h("p", status.value);
    }),
  );
  await open();
  url.value = after;
  key.value = "bob";
  await settle();
  await open();
  await linger();
  expect(harness.requests.map((request) => [request.url, request.headers.get("user"), request.aborted])).toEqual([
    [before, "ann", true],
    [after, "bob", false],
  ]);
});

test("a source changed there and back in one tick disturbs nothing", async () => {
  const { client, harness, open, linger } = createWorld();
  const { view } = client.channel("a");
  const subscribe = vi.spyOn(view, "subscribe");
  const name = ref("a");
  render(
    defineComponent(() => {
      const { data } = useChannel(client, name);
      return () => h("p", String(data.value));
    }),
  );
  await open();
  name.value = "b";
  name.value = "a";
  await linger();
  expect(subscribe).toHaveBeenCalledOnce();
  expect(harness.openStreams).toBe(1);
});

test("a client held in a deep ref or a reactive object works as itself", async () => {
  const { client, open, settle } = createWorld();
  const channels = defineChannels({ a: { ...type<{ of: number }>(), key: ({ of }) => `${of}` } });
  const typed = createSSEClient({ url: "http://host.test/deep", channels });
  expect(typed.view.get().status).toBe("idle");
  const held = { inRef: ref(client), inObject: reactive({ client }) };
  const { container } = render(
    defineComponent(() => {
      const { data, message } = useChannel(held.inRef, "a");
      const { status, client: shown } = useSSE(() => held.inObject.client);
      expect(shown.value.status.get()).toBe(client.status.get());
      return () =>
        h("p", `${status.value} ${JSON.stringify(data.value)} ${message.value === client.channel("a").latest.get()}`);
    }),
  );
  (await open()).push(event({ of: 1 }));
  await settle();
  expect(container.textContent).toBe('open {"of":1} true');
});

test("a reactive object of refs shows what the refs show", async () => {
  const { client, open, settle } = createWorld();
  const { container } = render(
    defineComponent(() => {
      const live = reactive(useChannel(client, "a"));
      const twice = computed(() => Number(live.data) * 2);
      return () => h("p", `${live.loading} ${live.data} ${twice.value}`);
    }),
  );
  (await open()).push(event(2));
  await settle();
  expect(container.textContent).toBe("false 2 4");
});

test("a URL that cannot be used is an error of who gives it, and the next one that can is used", async () => {
  const { environment, harness, open, settle, linger } = createWorld();
  const url = ref(freshUrl());
  const errors: unknown[] = [];
  const { container } = render(
    defineComponent(() => {
      const { status } = useSSE(url, { environment });
      return () => h("p", status.value);
    }),
    { global: { config: { errorHandler: (error) => void errors.push(error) } } },
  );
  const old = await open();
  url.value = "ws://host.test/x";
  await settle();
  expect(errors).toContainEqual(expect.objectContaining({ code: "invalid-option", option: "url" }));
  takeWarnings();
  url.value = freshUrl();
  await nextTick();
  await open();
  expect(container.textContent).toBe("open");
  await linger();
  expect(old.aborted).toBe(true);
  expect(harness.openStreams).toBe(1);
});

test("what cannot be used throws a typed error in setup", () => {
  const { environment } = createWorld();
  const client = createSSEClient({ url: "/x", environment, channels: defineChannels({ a: type<string>() }) });
  const caught: unknown[] = [];
  const attempt = (use: () => unknown) => {
    try {
      use();
    } catch (error) {
      caught.push(error);
    }
  };
  const misuse = () => {
    attempt(() => useSSE("ws://host.test/x", { environment }));
    attempt(() => useChannel(client, "b" as "a"));
  };
  render(
    defineComponent(() => {
      misuse();
      return () => null;
    }),
  );
  // Outside of components too, and no watcher says it a second time.
  misuse();
  const expected = [
    expect.objectContaining({ code: "invalid-option", option: "url" }),
    expect.objectContaining({ code: "unknown-channel", channel: "b" }),
  ];
  expect(caught).toEqual([...expected, ...expected]);
});
