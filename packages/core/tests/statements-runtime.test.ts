import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createSSEClient, dynamic } from "../src/index.ts";
import { polling } from "../src/polling/index.ts";
import { createQueue } from "../src/queue/queue.ts";
import { createFakeSource } from "../src/testing/index.ts";

const noop = () => {};

/** Globals that a page has, and other places where scripts run may not have. */
const ofPage = ["window", "document", "requestAnimationFrame", "addEventListener", "EventSource", "MessageEvent"];

/** Has every look at these globals noted; they are missing otherwise. */
function watchGlobals(names: readonly string[]): { readonly seen: readonly string[]; restore(): void } {
  const seen: string[] = [];
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  for (const name of names)
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () => void seen.push(name),
    });
  return {
    seen,
    restore() {
      for (const [name, descriptor] of before)
        if (descriptor) Object.defineProperty(globalThis, name, descriptor);
        else Reflect.deleteProperty(globalThis, name);
    },
  };
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

// SPEC 13
describe("importing an entry", () => {
  test.each([
    "../src/index.ts",
    "../src/polling/index.ts",
    "../src/native/index.ts",
    "../src/queue/queue.ts",
    "../src/testing/index.ts",
  ])("looks at nothing of a page and begins nothing: %s", async (entry) => {
    vi.resetModules();
    const fetch = vi.fn();
    vi.stubGlobal("fetch", fetch);
    const { seen, restore } = watchGlobals(ofPage);
    try {
      await import(entry);
    } finally {
      restore();
    }
    expect(seen).toEqual([]);
    expect(fetch).not.toHaveBeenCalled();
  });
});

// SPEC 14
describe("in a worker", () => {
  const encoder = new TextEncoder();
  let push: (text: string) => void;
  let signal: AbortSignal;
  const fetch = vi.fn(async (_: RequestInfo | URL, init: RequestInit = {}) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        push = (text) => controller.enqueue(encoder.encode(text));
        signal = init.signal!;
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  beforeEach(() => {
    fetch.mockClear();
    vi.stubGlobal("fetch", fetch);
    vi.stubGlobal("importScripts", noop);
  });

  test("without a page, frames or MessageEvent, a subscriber connects, gets messages and leaves nothing", async () => {
    const worker = new EventTarget();
    vi.stubGlobal("MessageEvent", undefined);
    vi.stubGlobal("EventSource", undefined);
    vi.stubGlobal("addEventListener", worker.addEventListener.bind(worker));
    expect(ofPage.map((name) => typeof Reflect.get(globalThis, name))).toEqual([
      "undefined",
      "undefined",
      "undefined",
      "function",
      "undefined",
      "undefined",
    ]);
    const client = createSSEClient({ url: "/events" });
    const received: unknown[] = [];
    const stop = client.channel("price").on(({ data, id }) => received.push([data, id]));
    await vi.waitFor(() => expect(client.status.get().status).toBe("open"));
    push("id: 1\nevent: price\ndata: 10\n\n");
    await vi.waitFor(() => expect(received).toEqual([[10, "1"]]));
    // Where no frames are drawn, a timer publishes.
    await vi.waitFor(() => expect(client.stats.get().messages).toBe(1));
    worker.dispatchEvent(new Event("offline"));
    expect(client.status.get().status).toBe("open");
    stop();
    client.close();
    expect(signal.aborted).toBe(true);
    expect(fetch).toHaveBeenCalledOnce();
  });
});

// SPEC 15
describe("on a server", () => {
  test("subscribing to anything, with any option, sends nothing and leaves no timer", () => {
    vi.useFakeTimers();
    const fetch = vi.fn();
    vi.stubGlobal("fetch", fetch);
    const client = createSSEClient({
      url: "/events",
      subscription: dynamic(),
      fallback: polling(),
      heartbeatMs: 1_000,
    });
    const channel = client.channel("a");
    const ends = [
      channel.latest,
      channel.history,
      channel.state,
      channel.gap,
      channel.view,
      client.view,
      client.stats,
    ].map(({ subscribe }) => subscribe(noop));
    ends.push(channel.on(noop), client.retain(), createQueue(channel, noop).close);
    expect(client.status.get().status).toBe("idle");
    expect(vi.getTimerCount()).toBe(0);
    for (const end of ends) end();
    // A queue publishes its last state.
    vi.advanceTimersByTime(20);
    expect(vi.getTimerCount()).toBe(0);
    expect(fetch).not.toHaveBeenCalled();
  });

  test("what is rendered first is the initial value, and stays it while messages come", async () => {
    const source = createFakeSource();
    const client = createSSEClient({ url: "/events", environment: source.environment });
    const { latest, history, state, gap, view } = client.channel("a");
    const parts = [latest, history, state, gap, view, client.view, client.status, client.stats];
    const first = parts.map(({ getServer }) => getServer());
    expect(parts.map(({ get }) => get())).toEqual(first);
    view.subscribe(noop);
    await source.open();
    await source.emit({ event: "a", id: "1", data: 1 });
    expect(latest.get()?.data).toBe(1);
    for (const [index, { getServer }] of parts.entries()) expect(getServer()).toBe(first[index]);
    client.close();
  });
});
