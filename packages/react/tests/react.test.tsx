import { act, cleanup, render } from "@testing-library/react";
import { Component, type ReactNode, StrictMode, Suspense } from "react";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { createFetchHarness } from "test-kit/fetch-harness";
import { afterEach, expect, test, vi } from "vitest";
import {
  createSSEClient,
  type SSEClient,
  SSEProvider,
  useChannel,
  useReadable,
  useSSE,
  useSSEClient,
} from "../src/index.ts";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function createWorld() {
  const harness = createFetchHarness();
  const environment = createFakeEnvironment({ fetch: harness.fetch });
  const settle = () =>
    act(async () => {
      await environment.clock.advanceAsync(0);
      environment.flush();
    });
  return { harness, environment, settle };
}

test("a remount under a new key, as a hot update does it, keeps the one connection", async () => {
  const { harness, environment, settle } = createWorld();
  const Live = () => <p>{useSSE("http://host.test/hmr", { environment }).status}</p>;
  const { rerender } = render(<Live key="1" />, { wrapper: StrictMode });
  (await harness.nextRequest()).respond();
  await settle();
  for (const key of ["2", "3", "4"]) {
    rerender(<Live key={key} />);
    await settle();
  }
  act(() => environment.clock.advance(10_000));
  expect(harness.requests).toHaveLength(1);
  expect(harness.openStreams).toBe(1);
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

test("a render that is thrown away sends nothing and does no harm to the one that stays", async () => {
  const { harness, environment, settle } = createWorld();
  let resolve = () => {};
  const gate = new Promise<void>((done) => {
    resolve = done;
  });
  let isReady = false;
  const Live = () => {
    const { status } = useSSE("http://host.test/suspended", { environment });
    if (!isReady) throw gate;
    return <p>{status}</p>;
  };
  const { container } = render(
    <Suspense fallback="waiting">
      <Live />
    </Suspense>,
  );
  await settle();
  expect(container.textContent).toBe("waiting");
  expect(harness.requests).toHaveLength(0);
  expect(environment.leaks().timers).toBe(0);
  isReady = true;
  await act(async () => resolve());
  (await harness.nextRequest()).respond();
  await settle();
  expect(container.textContent).toBe("open");
  expect(harness.requests).toHaveLength(1);
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

test("a URL given as an object is the same URL in every render", async () => {
  const { harness, environment, settle } = createWorld();
  const Live = () => <p>{useSSE(new URL("http://host.test/object"), { environment }).status}</p>;
  const { rerender } = render(<Live />);
  (await harness.nextRequest()).respond();
  await settle();
  rerender(<Live />);
  await settle();
  expect(harness.requests).toHaveLength(1);
});

test("two keys of one URL are two connections", async () => {
  const { harness, environment } = createWorld();
  const Live = ({ id }: { id: string }) => <p>{useSSE("http://host.test/keyed", { environment, key: id }).status}</p>;
  render(
    <>
      <Live id="ann" />
      <Live id="bob" />
    </>,
  );
  await act(() => environment.clock.advanceAsync(0));
  expect(harness.requests).toHaveLength(2);
});

test("functions among inline options are called as last rendered", async () => {
  const { harness, environment, settle } = createWorld();
  const errors: string[] = [];
  const Live = ({ user }: { user: string }) => {
    useSSE("http://host.test/latest", {
      environment,
      retry: { baseMs: 0 },
      headers: { authorization: user },
      onError: () => errors.push(user),
    });
    return null;
  };
  const { rerender } = render(<Live user="ann" />);
  const first = await harness.nextRequest();
  expect(first.headers.get("authorization")).toBe("ann");
  rerender(<Live user="bob" />);
  first.fail();
  await settle();
  await settle();
  expect(errors).toEqual(["bob"]);
  expect((await harness.nextRequest()).headers.get("authorization")).toBe("bob");
});

test("credentials that are not given any more are not sent any more", async () => {
  const { harness, environment, settle } = createWorld();
  const Live = ({ token }: { token?: string }) => {
    useSSE("http://host.test/signed-out", {
      environment,
      retry: { baseMs: 0 },
      ...(token && { headers: { authorization: token } }),
    });
    return null;
  };
  const { rerender } = render(<Live token="secret" />);
  const first = await harness.nextRequest();
  expect(first.headers.get("authorization")).toBe("secret");
  rerender(<Live />);
  first.fail();
  await settle();
  await settle();
  expect((await harness.nextRequest()).headers.get("authorization")).toBeNull();
});

test("other options for a known URL are ignored, with one warning", () => {
  const { environment } = createWorld();
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const Live = ({ lingerMs }: { lingerMs: number }) => {
    useSSE("http://host.test/differs", { environment, lingerMs });
    return null;
  };
  render(
    <>
      <Live lingerMs={1} />
      <Live lingerMs={2} />
      <Live lingerMs={2} />
    </>,
  );
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('tell the two apart with "key"'));
});

test("two components that mount after the linger time share one new connection", async () => {
  const { harness, environment, settle } = createWorld();
  const Live = () => <p>{useSSE("http://host.test/again", { environment }).status}</p>;
  const { unmount } = render(<Live />);
  const request = await harness.nextRequest();
  request.respond();
  await settle();
  unmount();
  act(() => environment.clock.advance(1_000));
  render(
    <>
      <Live />
      <Live />
    </>,
  );
  await settle();
  expect(harness.requests).toHaveLength(2);
  // The one that waits for the answer.
  expect(environment.leaks().timers).toBe(1);
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

test("an unusable URL throws a typed error while rendering", () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const Live = () => <p>{useSSE("ws://host.test/x").status}</p>;
  expect(() => render(<Live />)).toThrow(expect.objectContaining({ code: "invalid-option", option: "url" }));
});
