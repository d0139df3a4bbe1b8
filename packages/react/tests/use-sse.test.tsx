import { act, cleanup, render } from "@testing-library/react";
import { StrictMode, Suspense } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { type SSEClient, useSSE } from "../src/index.ts";
import { createWorld } from "./world.ts";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

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

test("where there is no page to share a URL on, a component keeps its client from render to render", async () => {
  vi.spyOn(document, "baseURI", "get").mockImplementation(() => {
    throw new Error("not a page");
  });
  const { harness, environment, settle, open } = createWorld();
  const clients = new Set<SSEClient>();
  const Live = () => {
    clients.add(useSSE(new URL("http://host.test/native"), { environment }).client);
    return null;
  };
  const { rerender } = render(<Live />);
  await open();
  rerender(<Live />);
  await settle();
  expect(clients.size).toBe(1);
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

test("an unusable URL throws a typed error while rendering", () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const Live = () => <p>{useSSE("ws://host.test/x").status}</p>;
  expect(() => render(<Live />)).toThrow(expect.objectContaining({ code: "invalid-option", option: "url" }));
});
