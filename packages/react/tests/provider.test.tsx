import { cleanup, render } from "@testing-library/react";
import { Component, type ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { createSSEClient, type SSEClient, SSEProvider, useSSEClient } from "../src/index.ts";
import { createWorld } from "./world.ts";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("the provider hands its client down; without one the hook says what to do", () => {
  const { environment } = createWorld();
  const client = createSSEClient({ url: "/x", environment });
  let found: SSEClient | undefined;
  const Reader = () => {
    found = useSSEClient();
    return null;
  };
  render(
    <SSEProvider client={client}>
      <Reader />
    </SSEProvider>,
  );
  expect(found).toBe(client);

  class Boundary extends Component<{ children: ReactNode }, { message?: string }> {
    override state: { message?: string } = {};
    static getDerivedStateFromError = (error: Error) => ({ message: error.message });
    override render = () => this.state.message ?? this.props.children;
  }
  vi.spyOn(console, "error").mockImplementation(() => {});
  const { container } = render(
    <Boundary>
      <Reader />
    </Boundary>,
  );
  expect(container.textContent).toContain("<SSEProvider client={client}>");
});
