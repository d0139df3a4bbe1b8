import { act, cleanup, render } from "@testing-library/react";
import { startTransition, useDeferredValue, useLayoutEffect, useState } from "react";
import { afterEach, expect, test } from "vitest";
import { createSSEClient, type SSEClient, useChannel, useReadable, useSSE } from "../src/index.ts";
import { createWorld } from "./world.ts";

afterEach(cleanup);

type Reading = (client: SSEClient, select?: (data: number) => string) => unknown;

const readings: readonly (readonly [string, Reading])[] = [
  ["useChannel", (client) => useChannel(client, "a").data],
  ["useChannel with a selector", (client) => useChannel(client, "a", (data) => `part ${data}`).data],
  ["useReadable", (client) => useReadable(client.channel("a").latest)?.data],
  ["useSSE", (client) => useSSE(client).data],
];

/** A page whose readers are first rendered concurrently, with a frame in between. */
async function createPage(read: Reading, isDeferred: boolean) {
  const { environment, open, settle } = createWorld();
  const client = createSSEClient({ url: "http://host.test/x", environment });
  // What nobody has asked for is not kept.
  client.channel("a");
  void client.view;
  client.retain();
  const stream = await open();
  stream.push("event: a\ndata: 1\n\n");
  await settle();

  const commits: string[] = [];
  let isInterrupted = false;
  const Reader = () => <b>{String(read(client))}</b>;
  const Interrupt = () => {
    if (!isInterrupted) {
      isInterrupted = true;
      environment.flush();
    }
    return ", ";
  };
  let show = () => {};
  const Page = () => {
    const [isShown, setShown] = useState(false);
    const isShownLater = useDeferredValue(isShown);
    show = () => (isDeferred ? setShown(true) : startTransition(() => setShown(true)));
    return (
      <p>
        {(isDeferred ? isShownLater : isShown) && (
          <>
            <Reader />
            <Interrupt />
            <Reader />
            <Commit />
          </>
        )}
      </p>
    );
  };
  const Commit = () => {
    read(client);
    useLayoutEffect(() => void commits.push(container.textContent));
    return null;
  };
  const { container } = render(<Page />);
  return {
    commits,
    settle,
    /** Publishes `data` while React renders the readers, after the first of them and before the second. */
    async showAmid(data: number) {
      stream.push(`event: a\ndata: ${data}\n\n`);
      await environment.clock.advanceAsync(0);
      await act(async () => show());
      expect(isInterrupted).toBe(true);
    },
    async push(data: number) {
      stream.push(`event: a\ndata: ${data}\n\n`);
      await settle();
    },
  };
}

test.each(
  readings.flatMap(([name, read]) => [
    [name, "a transition", read, false] as const,
    [name, "a deferred value", read, true] as const,
  ]),
)(
  "two readers by %s never show different moments, rendered for %s with a frame amid",
  async (_, __, read, isDeferred) => {
    const { commits, showAmid, push } = await createPage(read, isDeferred);
    await showAmid(2);
    await push(3);
    expect(commits[0]).toContain("2");
    for (const commit of commits) {
      const [first, second] = commit.split(", ");
      expect(second).toBe(first);
    }
    expect(commits.at(-1)).toContain("3");
  },
);
