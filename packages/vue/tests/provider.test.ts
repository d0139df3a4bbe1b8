import { render } from "@testing-library/vue";
import { expect, test, vi } from "vitest";
import { defineComponent, h, nextTick, shallowRef } from "vue";
import {
  createSSEClient,
  createSSEPlugin,
  provideSSEClient,
  type SSEClient,
  SSEProvider,
  useChannel,
  useSSEClient,
} from "../src/index.ts";
import { createWorld, event, takeWarnings } from "./world.ts";

/** Shows by its place in the list which client it has been given. */
const createReader = (...clients: SSEClient[]) =>
  defineComponent(() => {
    const client = useSSEClient();
    return () => h("p", String(clients.indexOf(client.value)));
  });

test("a plugin hands its client to the whole application, and another one when its ref changes", async () => {
  const { client } = createWorld();
  const second = createSSEClient({ url: "/second" });
  const current = shallowRef(client);
  const { container } = render(createReader(client, second), { global: { plugins: [createSSEPlugin(current)] } });
  expect(container.textContent).toBe("0");
  current.value = second;
  await nextTick();
  expect(container.textContent).toBe("1");
});

test("everything below a provider follows its client", async () => {
  const { client: first, environment, harness, open, settle, linger } = createWorld();
  const second = createSSEClient({ url: "http://host.test/second", environment });
  const Reader = defineComponent(() => {
    const { data } = useChannel(useSSEClient(), "a");
    return () => h("p", String(data.value));
  });
  const { container, rerender } = render(
    {
      components: { SSEProvider, Reader },
      props: ["client"],
      template: "<SSEProvider :client><Reader /><div><Reader /></div></SSEProvider>",
    },
    { props: { client: first } },
  );
  const old = await open();
  old.push(event(1));
  await settle();
  expect(container.textContent).toBe("11");
  await rerender({ client: second });
  expect(container.textContent).toBe("undefinedundefined");
  (await open()).push(event(2));
  await settle();
  expect(container.textContent).toBe("22");
  await linger();
  expect(old.aborted).toBe(true);
  expect(harness.requests).toHaveLength(2);
});

test("the nearest provider counts, of whichever kind", () => {
  const clients = ["/a", "/b", "/c"].map((url) => createSSEClient({ url })) as [SSEClient, SSEClient, SSEClient];
  const [a, b, c] = clients;
  const Reader = createReader(...clients);
  const Provides = defineComponent(() => {
    provideSSEClient(() => c);
    return () => h(Reader);
  });
  const { container } = render(
    defineComponent(() => () => [h(Reader), h(SSEProvider, { client: b }, () => [h(Reader), h(Provides)]), h(Reader)]),
    { global: { plugins: [createSSEPlugin(a)] } },
  );
  expect(container.textContent).toBe("0120");
});

test("handing a client down opens nothing", async () => {
  const { client, harness, settle } = createWorld();
  const subscribe = vi.spyOn(client.view, "subscribe");
  render(
    defineComponent(() => () => h(SSEProvider, { client }, () => h(createReader(client)))),
    { global: { plugins: [createSSEPlugin(client)] } },
  );
  await settle();
  expect(harness.requests).toHaveLength(0);
  expect(subscribe).not.toHaveBeenCalled();
});

test("without a provider the error says what to do, and Vue adds nothing to it", () => {
  expect(() => render(createReader())).toThrow("app.use(createSSEPlugin(client))");
  // Only what it says of every setup that throws.
  expect(takeWarnings().filter((warning) => !/during execution of setup|missing template/.test(warning))).toEqual([]);
  expect(() => useSSEClient()).toThrow("<SSEProvider :client>");
});

test("a provider whose client is not there is as none", () => {
  const client = undefined as unknown as SSEClient;
  const Reader = createReader();
  const Page = defineComponent(() => () => h(SSEProvider, { client }, () => h(Reader)));
  expect(() => render(Page)).toThrow("useSSEClient needs a client");
  takeWarnings();
});
