import { afterEach, describe, expect, test, vi } from "vitest";
import { createFakeEventSource } from "../../src/testing/index.ts";

const createOpen = (url = "http://host.test/events", init?: EventSourceInit) => {
  const fake = createFakeEventSource();
  const source = new fake.EventSource(url, init);
  fake.open();
  return { fake, source };
};

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a control of a fake EventSource that cannot act says what to do", () => {
  test("when there is no instance, or it is another's", () => {
    const fake = createFakeEventSource();
    for (const control of [fake.open, fake.drop, fake.reconnect, fake.fail, () => fake.emit({ data: 1 })])
      expect(() => control()).toThrow("Make one first");
    expect(() => createFakeEventSource().open(createOpen().source)).toThrow("Make one first");
  });

  test("when the instance is not in the state for it", () => {
    const { fake, source } = createOpen();
    expect(() => fake.open()).toThrow("this EventSource is open. Call drop() first");
    expect(() => fake.reconnect()).toThrow("Call drop() first");
    fake.drop();
    expect(() => fake.emit({ data: 1 })).toThrow("this EventSource is connecting. Call open() first");
    source.close();
    for (const control of [fake.open, fake.drop, fake.reconnect, fake.fail, () => fake.emit({ data: 1 })])
      expect(() => control()).toThrow("this EventSource is closed");
  });
});

// SPEC 110
describe("a fake EventSource", () => {
  test("refuses what is not a URL with a SyntaxError, and resolves what is relative", () => {
    const { EventSource } = createFakeEventSource();
    expect(() => new EventSource("http://")).toThrow(expect.objectContaining({ name: "SyntaxError" }));
    expect(new EventSource("/events?x=ä").url).toBe("http://localhost/events?x=%C3%A4");
    vi.stubGlobal("document", { baseURI: "https://page.test/a/" });
    expect(new EventSource("b").url).toBe("https://page.test/a/b");
    expect(new EventSource(new URL("https://x.test")).url).toBe("https://x.test/");
  });

  test("has the members of the standard", () => {
    const { EventSource } = createFakeEventSource();
    const source = new EventSource("/events", { withCredentials: true });
    for (const holder of [EventSource, source])
      expect([holder.CONNECTING, holder.OPEN, holder.CLOSED]).toEqual([0, 1, 2]);
    expect(source).toMatchObject({
      readyState: 0,
      withCredentials: true,
      onopen: null,
      onmessage: null,
      onerror: null,
    });
    expect(source).toBeInstanceOf(EventTarget);
    expect(EventSource.name).toBe("EventSource");
    expect(new EventSource("/events").withCredentials).toBe(false);
  });

  test("is open once the server has answered", () => {
    const fake = createFakeEventSource();
    const source = new fake.EventSource("/events");
    const onOpen = vi.fn();
    source.onopen = () => onOpen(source.readyState);
    fake.open();
    expect(onOpen.mock.calls).toEqual([[1]]);
    expect(fake.instances).toEqual([source]);
  });

  test("gives messages to listeners of their name, with data, origin and the last id", () => {
    const { fake, source } = createOpen("https://host.test:8443/events");
    const seen: unknown[] = [];
    const note = ({ type, data, origin, lastEventId }: MessageEvent) => seen.push([type, data, origin, lastEventId]);
    source.onmessage = note;
    source.addEventListener("price", note);
    fake.emit({ data: { a: 1 }, id: "1" });
    fake.emit({ event: "price", text: "x\ny" });
    fake.emit({ event: "price" });
    fake.emit({ id: "2" });
    fake.emit({ id: "3\0", text: "" });
    fake.emit({ event: "unheard", data: 1 });
    fake.emit({ id: "", event: "message", data: null });
    const origin = "https://host.test:8443";
    expect(seen).toEqual([
      ["message", '{"a":1}', origin, "1"],
      ["price", "x\ny", origin, "1"],
      ["message", "", origin, "2"],
      ["message", "null", origin, ""],
    ]);
  });

  test("comes back with the last id after its connection was lost", () => {
    const { fake, source } = createOpen("http://host.test/events", { withCredentials: true });
    const states: number[] = [];
    source.onerror = () => states.push(source.readyState);
    source.onopen = () => states.push(source.readyState);
    fake.emit({ id: "7" });
    fake.drop();
    fake.drop();
    fake.reconnect();
    expect(states).toEqual([0, 0, 1]);
    const request = { url: "http://host.test/events", withCredentials: true };
    expect(fake.requests).toEqual([
      { ...request, lastEventId: "" },
      { ...request, lastEventId: "7" },
    ]);
  });

  test("is closed for good when the server refuses", () => {
    const { fake, source } = createOpen();
    const states: number[] = [];
    source.addEventListener("error", () => states.push(source.readyState));
    fake.fail();
    expect(states).toEqual([2]);
  });

  test("says nothing when it is closed by the page", () => {
    const { source } = createOpen();
    source.onerror = vi.fn();
    source.close();
    expect(source.readyState).toBe(2);
    expect(source.onerror).not.toHaveBeenCalled();
  });

  test("calls an attribute's handler in the place where it was first set, as its own", () => {
    const { fake, source } = createOpen();
    const seen: unknown[] = [];
    source.onmessage = () => seen.push("old");
    source.addEventListener("message", () => seen.push("listener"));
    source.onmessage = function (this: EventSource) {
      seen.push(this === source);
    };
    fake.emit({ data: 1 });
    source.onmessage = null;
    source.onmessage = "not a function" as never;
    expect(source.onmessage).toBeNull();
    fake.emit({ data: 2 });
    source.onmessage = () => seen.push("last");
    fake.emit({ data: 3 });
    expect(seen).toEqual([true, "listener", "listener", "listener", "last"]);
  });

  test("each instance can be addressed; the newest is by default", () => {
    const { fake, source } = createOpen();
    const second = new fake.EventSource("/second");
    fake.open();
    fake.drop(source);
    expect([source.readyState, second.readyState]).toEqual([0, 1]);
  });

  test.each([
    ["there is no MessageEvent", undefined],
    ["MessageEvent drops what it is made with", class extends Event {}],
  ])("works where %s", (_, MessageEvent) => {
    vi.stubGlobal("MessageEvent", MessageEvent);
    const { fake, source } = createOpen();
    const onMessage = vi.fn();
    source.onmessage = onMessage;
    fake.emit({ id: "1", data: 1 });
    expect(onMessage.mock.calls[0]?.[0]).toMatchObject({ data: "1", lastEventId: "1", origin: "http://host.test" });
  });
});
