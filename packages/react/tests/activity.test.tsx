import { cleanup, render } from "@testing-library/react";
import { Activity, type ReactNode } from "react";
import { afterEach, expect, test } from "vitest";
import { createSSEClient, useChannel, useSSE } from "../src/index.ts";
import { createWorld } from "./world.ts";

afterEach(cleanup);

const page = (isVisible: boolean, children: ReactNode) => (
  <Activity mode={isVisible ? "visible" : "hidden"}>{children}</Activity>
);

let urls = 0;

function createUses() {
  // Clients are shared by URL.
  const url = `http://host.test/put-aside-${++urls}`;
  const world = createWorld();
  const { environment } = world;
  const client = createSSEClient({ url: "http://host.test/x", environment });
  const Channel = () => <p>{String(useChannel(client, "a").data)}</p>;
  const Stream = () => <p>{String(useSSE(url, { environment }).data)}</p>;
  return { ...world, uses: { useChannel: <Channel />, useSSE: <Stream /> } };
}

test.each(["useChannel", "useSSE"] as const)(
  "%s in a part of the page that is hidden lets go of the connection, and resumes when it is seen again",
  async (hook) => {
    const { uses, environment, open, settle, linger } = createUses();
    const { rerender, container } = render(page(true, uses[hook]));
    const first = await open();
    first.push("id: 7\nevent: a\ndata: 1\n\n");
    await settle();
    rerender(page(false, uses[hook]));
    await linger();
    expect(first.aborted).toBe(true);
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
    rerender(page(true, uses[hook]));
    expect(container.textContent).toBe("1");
    const second = await open();
    expect(second.headers.get("last-event-id")).toBe("7");
    second.push("id: 8\nevent: a\ndata: 2\n\n");
    await settle();
    expect(container.textContent).toBe("2");
  },
);

test.each(["useChannel", "useSSE"] as const)(
  "%s hidden for less than the linger time keeps the stream",
  async (hook) => {
    const { uses, environment, harness, open, settle } = createUses();
    const { rerender, container } = render(page(true, uses[hook]));
    const stream = await open();
    rerender(page(false, uses[hook]));
    stream.push("event: a\ndata: 1\n\n");
    environment.clock.advance(900);
    await settle();
    rerender(page(true, uses[hook]));
    environment.clock.advance(10_000);
    await settle();
    expect(container.textContent).toBe("1");
    expect(harness.requests).toHaveLength(1);
  },
);

test("what is rendered ahead of being seen opens nothing", async () => {
  const { uses, harness, environment, open, settle } = createUses();
  const all = (
    <>
      {uses.useChannel}
      {uses.useSSE}
    </>
  );
  const { rerender } = render(page(false, all));
  await settle();
  expect(harness.requests).toHaveLength(0);
  expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  rerender(page(true, all));
  await open();
  await open();
});
