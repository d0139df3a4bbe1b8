import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { createSSEClient, useChannel, useReadable } from "../src/index.ts";
import { createWorld } from "./world.ts";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("a selector written inline does not subscribe anew with every render", async () => {
  const { harness, environment } = createWorld();
  const client = createSSEClient({ url: "http://host.test/x", environment });
  const { view } = client.channel("a");
  const subscribe = vi.spyOn(view, "subscribe");
  const Live = ({ by }: { by: number }) => <p>{useChannel(client, "a", (data) => Number(data) * by).data}</p>;
  const { rerender } = render(<Live by={1} />);
  for (const by of [2, 3, 4]) rerender(<Live by={by} />);
  expect(subscribe).toHaveBeenCalledOnce();
  expect(harness.requests).toHaveLength(0);
});

test("a changed selector is used at once", async () => {
  const { harness, environment, settle } = createWorld();
  const client = createSSEClient({ url: "http://host.test/x", environment });
  const Live = ({ by }: { by: number }) => <p>{useChannel(client, "a", (data) => Number(data) * by).data}</p>;
  const { rerender, container } = render(<Live by={1} />);
  const request = await harness.nextRequest();
  request.respond();
  await settle();
  request.push("event: a\ndata: 5\n\n");
  await settle();
  expect(container.textContent).toBe("5");
  rerender(<Live by={3} />);
  expect(container.textContent).toBe("15");
});

test("any part of a client can be read; a part of a channel keeps the connection open", async () => {
  const { harness, environment, settle } = createWorld();
  const client = createSSEClient({ url: "http://host.test/x", environment });
  const { state } = client.channel("a");
  const Live = () => <p>{`${useReadable(client.stats).messages} ${useReadable(state).size}`}</p>;
  const { container } = render(<Live />);
  const request = await harness.nextRequest();
  request.respond();
  request.push("event: a\ndata: 1\n\n");
  await settle();
  expect(container.textContent).toBe("1 0");
});
