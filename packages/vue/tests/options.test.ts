import { render } from "@testing-library/vue";
import { expect, test } from "vitest";
import { defineComponent, h, nextTick, reactive, ref } from "vue";
import { type UseSSEOptions, useSSE } from "../src/index.ts";
import { createWorld, freshUrl, takeWarnings } from "./world.ts";

type World = ReturnType<typeof createWorld>;

/** Mounts a component that names a new URL with the options given. */
function mountWith(options: Parameters<typeof useSSE>[1]) {
  let live!: ReturnType<typeof useSSE>;
  const url = freshUrl();
  render(
    defineComponent(() => {
      live = useSSE(url, options);
      return () => h("p", live.status.value);
    }),
  );
  return live;
}

/** What the next request says of the user, after `change`. */
async function userAfter({ open }: World, live: ReturnType<typeof useSSE>, change: () => void) {
  change();
  live.reconnect();
  return (await open()).headers.get("user");
}

test("options in a ref are used by the next request; those taken away are not sent", async () => {
  const world = createWorld();
  const { environment, open, harness } = world;
  const options = ref<UseSSEOptions>({ environment, headers: { user: "ann" } });
  const live = mountWith(options);
  expect((await open()).headers.get("user")).toBe("ann");
  const change = (headers?: Record<string, string>) => () => {
    options.value = { environment, headers };
  };
  expect(await userAfter(world, live, change({ user: "bob" }))).toBe("bob");
  expect(await userAfter(world, live, change())).toBeNull();
  await nextTick();
  // Only what was asked for: a change of options alone sends nothing.
  expect(harness.requests).toHaveLength(3);
});

test("options in a reactive object are used by the next request, however deep the change", async () => {
  const world = createWorld();
  const { environment, open } = world;
  const options = reactive<UseSSEOptions & { headers?: Record<string, string> }>({
    environment,
    headers: { user: "ann" },
  });
  const live = mountWith(options);
  await open();
  expect(await userAfter(world, live, () => Object.assign(options.headers ?? {}, { user: "bob" }))).toBe("bob");
  expect(await userAfter(world, live, () => delete options.headers)).toBeNull();
});

test("options from a getter are used by the next request, also one the client makes by itself", async () => {
  const { environment, open, settle } = createWorld();
  const user = ref<string>();
  mountWith(() => ({
    environment,
    retry: { baseMs: 0 },
    ...(user.value && { headers: { user: user.value } }),
  }));
  const first = await open();
  expect(first.headers.get("user")).toBeNull();
  user.value = "ann";
  await nextTick();
  first.breakBody();
  await settle();
  await settle();
  expect((await open()).headers.get("user")).toBe("ann");
});

test("functions among plain options read refs when they are called", async () => {
  const { environment, harness, settle } = createWorld();
  const user = ref("ann");
  const errors: string[] = [];
  mountWith({
    environment,
    retry: { baseMs: 0 },
    headers: () => ({ user: user.value }),
    onError: ({ code }) => errors.push(`${code} for ${user.value}`),
  });
  const first = await harness.nextRequest();
  expect(first.headers.get("user")).toBe("ann");
  user.value = "bob";
  first.fail();
  await settle();
  await settle();
  expect(errors).toEqual(["network for bob"]);
  expect((await harness.nextRequest()).headers.get("user")).toBe("bob");
});

test("the onError given last is the one that is called", async () => {
  const { environment, harness, settle } = createWorld();
  const heard: string[] = [];
  const by = ref("first");
  mountWith(() => {
    const name = by.value;
    return { environment, retry: false, onError: () => heard.push(name) };
  });
  const request = await harness.nextRequest();
  by.value = "second";
  await nextTick();
  request.fail();
  await settle();
  expect(heard).toEqual(["second"]);
});

test("other options for a known URL are ignored, with one warning", async () => {
  const { environment, harness, settle } = createWorld();
  const url = freshUrl();
  const Live = defineComponent({
    props: { lingerMs: { type: Number, required: true } },
    setup: ({ lingerMs }) => {
      const { status } = useSSE(url, { environment, lingerMs });
      return () => h("p", status.value);
    },
  });
  render(defineComponent(() => () => [1, 2, 2].map((lingerMs) => h(Live, { lingerMs }))));
  await settle();
  expect(takeWarnings()).toEqual([expect.stringContaining('tell the two apart with "key"')]);
  expect(harness.requests).toHaveLength(1);
});

test("an option that does not exist is refused in setup", () => {
  const { environment } = createWorld();
  const options = { environment, header: {} } as UseSSEOptions;
  expect(() => useSSE(freshUrl(), options)).toThrow(
    expect.objectContaining({ code: "invalid-option", option: "header" }),
  );
});
