import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { act } from "@testing-library/react";
import { type ReactNode, Suspense, use } from "react";
import { hydrateRoot, type Root } from "react-dom/client";
import { renderToPipeableStream } from "react-dom/server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSSEClient, type SSEClient, useChannel, useSSE } from "../src/index.ts";
import { createWorld } from "./world.ts";

const complaints: unknown[] = [];
let root: Root | undefined;

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation((...args) => complaints.push(args));
});
afterEach(async () => {
  await act(async () => root?.unmount());
  root = undefined;
  vi.restoreAllMocks();
  expect(complaints.splice(0)).toEqual([]);
});

/** The whole HTML of a page, rendered where there is none, as a framework does that waits for what is slow. */
async function renderOnServer(createPage: () => ReactNode): Promise<string> {
  vi.stubGlobal("window", undefined);
  vi.stubGlobal("document", undefined);
  try {
    const html = new PassThrough();
    const { pipe } = renderToPipeableStream(createPage(), {
      onAllReady: () => void pipe(html),
      onError: (error) => void complaints.push(error),
    });
    return await text(html);
  } finally {
    vi.unstubAllGlobals();
  }
}

async function hydrate(html: string, page: ReactNode) {
  const container = document.createElement("div");
  container.innerHTML = html;
  await act(async () => {
    root = hydrateRoot(container, page, { onRecoverableError: (error) => complaints.push(error) });
  });
  return container;
}

let urls = 0;

/** A page and the browser it is shown in. */
function createApplication() {
  const world = createWorld();
  const { environment } = world;
  const url = `http://host.test/hydrated-${++urls}`;
  const client = createSSEClient({ url: "/api/events", environment });
  const Status = ({ options }: { options?: object }) => {
    const { status, data } = useSSE(url, options);
    return <p>{`${status}: ${String(data)}. `}</p>;
  };
  const Channel = ({ client }: { client: SSEClient }) => <p>{`a: ${String(useChannel(client, "a").data)}. `}</p>;
  const Slow = ({ until, children }: { until: Promise<unknown>; children: ReactNode }) => {
    use(until);
    return children;
  };
  const createPage = (client: SSEClient, until: Promise<unknown>, options?: object) => (
    <main>
      <Status {...(options && { options })} />
      <Channel client={client} />
      <Suspense fallback="waiting">
        <Slow until={until}>
          <Status {...(options && { options })} />
          <Channel client={client} />
        </Slow>
      </Suspense>
    </main>
  );
  return {
    ...world,
    client,
    html: () => renderOnServer(() => createPage(createSSEClient({ url: "/api/events" }), Promise.resolve())),
    createPage: (until: Promise<unknown>) => createPage(client, until, { environment }),
  };
}

test("a page whose client knows something already hydrates as the server rendered it, then shows what is known", async () => {
  const { client, html, createPage, open, settle } = createApplication();
  const fromServer = await html();
  expect(fromServer).not.toContain("waiting");
  client.channel("a").on(() => {});
  (await open()).push("event: a\ndata: 1\n\n");
  await settle();
  const container = await hydrate(fromServer, createPage(Promise.resolve()));
  expect(container.textContent).toBe("connecting: undefined. a: 1. ".repeat(2));
  (await open()).push("data: 2\n\n");
  await settle();
  expect(container.textContent).toBe("open: 2. a: 1. ".repeat(2));
});

test("what arrives before a slow part of the page is hydrated shows in the rest, and there once it is", async () => {
  const { html, createPage, open, settle } = createApplication();
  let resolve = (_: null) => {};
  const slow = new Promise<null>((done) => {
    resolve = done;
  });
  const container = await hydrate(await html(), createPage(slow));
  // Whichever of the two comes first.
  for (const stream of [await open(), await open()])
    stream.push(stream.url === "/api/events" ? "event: a\ndata: 1\n\n" : "data: 2\n\n");
  await settle();
  expect(container.textContent).toBe("open: 2. a: 1. idle: undefined. a: undefined. ");
  await act(async () => resolve(null));
  expect(container.textContent).toBe("open: 2. a: 1. ".repeat(2));
});
