import { render } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { createSSEClient, type SSEClient, useChannel, useSSEClient } from "../src/index.js";
import Live from "./live.svelte";
import Provided from "./provided.svelte";
import SetClient from "./set-client.svelte";
import { createWorld, event, freshUrl } from "./world.js";

const setup = () => {
  const channel = useChannel(useSSEClient(), "a");
  return () => channel.current.data;
};

test("without a provider it says what to do", () => {
  expect(() => render(Live, { setup })).toThrow(
    "useSSEClient needs a client: wrap the component in <SSEProvider {client}>, or call setSSEClient(client) above it.",
  );
});

test("the nearest provider counts, and what is below follows its client", async () => {
  const { client: outer, environment, open, settle, linger } = createWorld();
  const inner = createSSEClient({ url: freshUrl(), environment });
  const { container, rerender } = render(Provided, { outer, inner, setup });
  const [first, second] = [await open(), await open()];
  first.push(event("outer"));
  second.push(event("inner"));
  await settle();
  expect(container.textContent).toBe("outer inner");
  await rerender({ outer: createSSEClient({ url: freshUrl(), environment }) });
  const third = await open();
  third.push(event("other"));
  await settle();
  expect(container.textContent).toBe("other inner");
  await linger();
  expect([first.aborted, second.aborted, third.aborted]).toEqual([true, false, false]);
});

test("a provider opens and closes nothing", async () => {
  const { client, harness, settle, linger } = createWorld();
  const { unmount } = render(Provided, {
    outer: client,
    inner: client,
    setup() {
      const current = useSSEClient();
      return () => typeof current().connect;
    },
  });
  await settle();
  expect(harness.requests).toHaveLength(0);
  const end = client.retain();
  unmount();
  await linger();
  expect(client.status.get().status).toBe("connecting");
  end();
});

test.each([
  [true, "follows"],
  [false, "keeps"],
])("setSSEClient with a getter (%s) %s the client", async (isFollowed) => {
  const { client, environment } = createWorld();
  const other = createSSEClient({ url: freshUrl(), environment });
  const seen: SSEClient[] = [];
  const { rerender } = render(SetClient, {
    client,
    isFollowed,
    setup() {
      const current = useSSEClient();
      return () => void seen.push(current());
    },
  });
  await rerender({ client: other });
  expect(seen).toEqual(isFollowed ? [client, other] : [client]);
});
