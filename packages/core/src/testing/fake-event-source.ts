import { type FakeEvent, toText } from "./fake-event.ts";

/** A connection that a fake `EventSource` has asked for. */
export interface FakeEventSourceRequest {
  readonly url: string;
  readonly withCredentials: boolean;
  /** What the browser sends as `Last-Event-ID`; empty for none. */
  readonly lastEventId: string;
}

/** An `EventSource` class and the hand of a test on what its instances receive. */
export interface FakeEventSource {
  /** Stands in for the global of this name. */
  readonly EventSource: typeof globalThis.EventSource;
  /** Oldest first. */
  readonly instances: readonly EventSource[];
  readonly requests: readonly FakeEventSourceRequest[];
  /** The server answers with an event stream. Each control is about the newest instance unless told another. */
  open(instance?: EventSource): void;
  /** Sends an event, its data as JSON. */
  emit(event: FakeEvent, instance?: EventSource): void;
  /** The connection is lost, or could not be made, and the browser is going to try again. */
  drop(instance?: EventSource): void;
  /** The browser tries again and is answered with an event stream. */
  reconnect(instance?: EventSource): void;
  /** The server refuses: any status but 200, or another content type. A browser then gives up for good. */
  fail(instance?: EventSource): void;
}

interface Control {
  /** @throws if it is in none of these states */
  check(control: string, states: readonly number[], hint: string): void;
  request(): void;
  open(): void;
  emit(event: FakeEvent): void;
  lose(next: number): void;
}

const [CONNECTING, OPEN, CLOSED] = [0, 1, 2] as const;
const STATES = ["connecting", "open", "closed"];

/**
 * Makes an `EventSource` that a test drives, for code that uses the browser's.
 *
 * @example
 * const fake = createFakeEventSource();
 * const source = new fake.EventSource("/events");
 * source.onmessage = ({ data }) => console.log(data);
 * fake.open();
 * fake.emit({ data: { price: 10 }, id: "1" }); // logs {"price":10}
 * fake.drop();
 * fake.reconnect(); // fake.requests[1].lastEventId is "1"
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
 */
export function createFakeEventSource(): FakeEventSource {
  const requests: FakeEventSourceRequest[] = [];
  const controls = new Map<EventSource, Control>();

  // Made here, so that it extends what the test's environment has put in place.
  const FakeClass = class EventSource extends EventTarget {
    static readonly CONNECTING = CONNECTING;
    static readonly OPEN = OPEN;
    static readonly CLOSED = CLOSED;
    readonly CONNECTING = CONNECTING;
    readonly OPEN = OPEN;
    readonly CLOSED = CLOSED;
    readonly url: string;
    readonly withCredentials: boolean;
    declare onopen: ((event: Event) => unknown) | null;
    declare onmessage: ((event: MessageEvent) => unknown) | null;
    declare onerror: ((event: Event) => unknown) | null;
    #state: number = CONNECTING;

    constructor(url: string | URL, { withCredentials = false }: EventSourceInit = {}) {
      super();
      this.url = resolveUrl(url);
      this.withCredentials = withCredentials;
      for (const type of ["open", "message", "error"]) defineHandler(this, type);
      const control = this.#control();
      controls.set(this as unknown as globalThis.EventSource, control);
      control.request();
    }

    get readyState(): number {
      return this.#state;
    }

    close(): void {
      this.#state = CLOSED;
    }

    #control(): Control {
      const { origin } = new URL(this.url);
      let lastEventId = "";
      return {
        check: (control, states, hint) => {
          if (!states.includes(this.#state))
            throw new Error(`${control}: this EventSource is ${STATES[this.#state]}. ${hint}`);
        },
        request: () => void requests.push({ url: this.url, withCredentials: this.withCredentials, lastEventId }),
        open: () => {
          this.#state = OPEN;
          this.dispatchEvent(new Event("open"));
        },
        emit: (event) => {
          const data = toText(event);
          if (event.id !== undefined && !event.id.includes("\0")) lastEventId = event.id;
          if (data !== undefined)
            this.dispatchEvent(createMessage(event.event || "message", { data, origin, lastEventId }));
        },
        lose: (next) => {
          this.#state = next;
          this.dispatchEvent(new Event("error"));
        },
      };
    }
  };

  const of = (instance = [...controls.keys()].at(-1)): Control => {
    const control = instance && controls.get(instance);
    if (control) return control;
    throw new Error("There is no such EventSource. Make one first: `new fake.EventSource(url)`.");
  };

  return {
    EventSource: FakeClass as unknown as typeof globalThis.EventSource,
    get instances() {
      return [...controls.keys()];
    },
    requests,
    open(instance) {
      const control = of(instance);
      control.check("open()", [CONNECTING], "Call drop() first, or make a new one.");
      control.open();
    },
    emit(event, instance) {
      const control = of(instance);
      control.check("emit()", [OPEN], "Call open() first, or reconnect() after drop().");
      control.emit(event);
    },
    drop(instance) {
      const control = of(instance);
      control.check("drop()", [CONNECTING, OPEN], "Make a new one.");
      control.lose(CONNECTING);
    },
    reconnect(instance) {
      const control = of(instance);
      control.check("reconnect()", [CONNECTING], "Call drop() first.");
      control.request();
      control.open();
    },
    fail(instance) {
      const control = of(instance);
      control.check("fail()", [CONNECTING, OPEN], "Make a new one.");
      control.lose(CLOSED);
    },
  };
}

/** An `on…` attribute: one listener, in the order in which it was first set. */
function defineHandler(target: EventTarget, type: string): void {
  let handler: ((event: Event) => unknown) | null = null;
  const listener = (event: Event) => handler?.call(target, event);
  Object.defineProperty(target, `on${type}`, {
    enumerable: true,
    get: () => handler,
    set(next: unknown) {
      handler = typeof next === "function" ? (next as typeof handler) : null;
      // Adding it again changes nothing, removing it gives up its place.
      if (handler) target.addEventListener(type, listener);
      else target.removeEventListener(type, listener);
    },
  });
}

/** Not every runtime has MessageEvent, and some drop a part of what it is made with. */
function createMessage(type: string, init: Pick<MessageEvent, "data" | "origin" | "lastEventId">): Event {
  const event = new (globalThis.MessageEvent ?? Event)(type, init);
  for (const [name, value] of Object.entries(init))
    if (event[name as keyof Event] !== value) Object.defineProperty(event, name, { value });
  return event;
}

function resolveUrl(url: string | URL): string {
  try {
    return new URL(url, globalThis.document?.baseURI ?? "http://localhost/").href;
  } catch {
    throw new DOMException(`"${url}" is not a URL.`, "SyntaxError");
  }
}
