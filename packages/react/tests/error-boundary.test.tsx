import { cleanup, render } from "@testing-library/react";
import { Component, type ReactNode } from "react";
import { afterEach, expect, test } from "vitest";
import { createSSEClient, type SSEClient, useChannel, useSSE } from "../src/index.ts";
import { createWorld } from "./world.ts";

afterEach(cleanup);

class Boundary extends Component<{ children: ReactNode }, { error?: { code?: string; message: string } }> {
  override state: { error?: { code?: string; message: string } } = {};
  static getDerivedStateFromError = (error: Error) => ({ error });
  override render = () => this.state.error?.code ?? this.state.error?.message ?? this.props.children;
}

const quiet = { onCaughtError: () => {} };

test("what the hooks refuse is shown by the nearest boundary; the rest of the page goes on", async () => {
  const { environment, open, settle } = createWorld();
  const client = createSSEClient({ url: "http://host.test/x", environment, channels: { a: {} } });
  const Unusable = () => useSSE("ws://host.test/x").status;
  const Misspelt = () => String(useChannel(client, "b" as "a").data);
  const Sound = () => String(useChannel(client, "a").data);
  const { container } = render(
    [Unusable, Misspelt, Sound].map((Part) => (
      <Boundary key={Part.name}>
        <Part />;{" "}
      </Boundary>
    )),
    quiet,
  );
  (await open()).push("event: a\ndata: 1\n\n");
  await settle();
  expect(container.textContent).toBe("invalid-optionunknown-channel1; ");
});

test.each([
  ["useChannel", (client: SSEClient) => useChannel(client, "a").data],
  ["useSSE", (_: SSEClient, environment: object) => useSSE("http://host.test/failed", { environment }).data],
] as const)(
  "a component by %s that failed and is tried again finds the connection and what has come meanwhile",
  async (_, read) => {
    const { environment, harness, open, settle, linger } = createWorld();
    const client = createSSEClient({ url: "http://host.test/x", environment });
    const Live = () => {
      const data = read(client, environment);
      if (data === 1) throw new Error("cannot show 1");
      return String(data);
    };
    const page = (turn: number) => (
      <Boundary key={turn}>
        <Live />
      </Boundary>
    );
    const { rerender, container } = render(page(1), quiet);
    const stream = await open();
    stream.push("event: a\ndata: 1\n\n");
    await settle();
    expect(container.textContent).toBe("cannot show 1");
    stream.push("event: a\ndata: 2\n\n");
    await settle();
    rerender(page(2));
    await linger();
    expect(container.textContent).toBe("2");
    expect(harness.requests).toHaveLength(1);
    rerender([]);
    await linger();
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  },
);
