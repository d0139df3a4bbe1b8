import type { GapData } from "../control-frames.ts";
import { checkFields } from "../option-checks.ts";
import { createClientPosition, type TestHello } from "./client-position.ts";
import type { Block } from "./event-parser.ts";
import { createInbox, type EventPredicate, toPredicate } from "./inbox.ts";
import { toChangeAnswer, toPollAnswer } from "./test-answers.ts";
import type { TestChange, TestClient, TestClientOptions } from "./test-client.ts";
import { isControl, type TestEvent } from "./test-event.ts";
import { createTestRequests, type TestTarget } from "./test-requests.ts";
import { createTestStream } from "./test-stream.ts";

const OPTIONS: readonly (keyof TestClientOptions)[] = [
  "channels",
  "lastEventId",
  "headers",
  "url",
  "stream",
  "slow",
  "connect",
  "environment",
  "timeoutMs",
];

/**
 * Opens a client of a hub, or of any Fetch handler: `{ fetch: GET }`. Resolves once the request is answered; an answer that is
 * no stream shows in `status`. Rejects with what the handler throws.
 *
 * @throws {OptionError} when an option is unknown.
 *
 * @example
 * const client = await createTestClient(hub, { channels: ["orders"] });
 * await hub.publish("orders", { id: "17" });
 * const { data } = await client.expectEvent("orders");
 */
export async function createTestClient(target: TestTarget, options: TestClientOptions = {}): Promise<TestClient> {
  checkFields("", options, OPTIONS);
  const requests = createTestRequests(target);
  const inbox = createInbox();
  const position = createClientPosition(options.lastEventId);
  const gaps: GapData[] = [];
  const comments: string[] = [];
  let current = options;
  // By the names it was asked with; `undefined` while nobody has named any.
  let channels = options.channels && new Set(options.channels);
  let hello: TestHello | undefined;

  const stream = createTestStream(requests, {
    onBlock(block: Block) {
      comments.push(...block.comments);
      for (const event of position.take(block)) receive(event);
    },
    onState(state) {
      if (state === "connecting") hello = undefined;
      else if (state !== "open") position.lost();
      inbox.stir();
    },
  });

  function receive(event: TestEvent) {
    if (event.event === "sse.hello") hello = event.data as TestHello;
    if (event.event === "sse.gap") gaps.push(event.data as GapData);
    if (event.event === "sse.subscribed") channels?.add((event.data as { readonly channel: string }).channel);
    inbox.add(event);
  }

  const sent = () => ({ url: current.url ?? "/events", headers: current.headers ?? {}, stream: current.stream });
  const place = () => ({ channels: channels && [...channels], lastEventId: position.lastEventId });
  const connect = () =>
    stream.connect({ method: "GET", accept: "text/event-stream", ...place() }, sent(), current.slow ?? false);
  const isUnderWay = () => stream.state === "open" || stream.state === "connecting";

  /** Resolves with what `look` finds, in the time that it may take. */
  async function expect<Found>(control: string, look: () => Found | undefined): Promise<Found> {
    const { environment, timeoutMs = 2_000 } = current;
    let found = look();
    if (found === undefined && environment) {
      await environment.settle();
      found = look();
    } else if (found === undefined) {
      await inbox.until(() => {
        found = look();
        return found !== undefined || !isUnderWay();
      }, timeoutMs);
    }
    if (found !== undefined) return found;
    const time = environment ? "nothing more comes without time passing" : `${timeoutMs} ms were not enough`;
    const why = stream.state === "open" ? `${time}, and ${stream.situation}` : stream.situation;
    throw new Error(`${control} waited in vain: ${why}. What came and was not read: ${inbox.describeUnread()}.`);
  }

  async function changeChannels({ conn = helloOrThrow().conn, subscribe, unsubscribe, since }: TestChange) {
    if (hello) channels ??= new Set(hello.channels);
    const carried = channels;
    // At once, as a marker can come before the answer, and adds the name again.
    const dropped = unsubscribe?.filter((name) => carried?.delete(name)) ?? [];
    const body = { conn, subscribe, unsubscribe, since };
    const added = conn === hello?.conn ? (subscribe ?? []) : [];
    position.awaitMarkers(added);
    let rejected = added;
    try {
      const reply = await requests.ask({ method: "POST", accept: "application/json", body }, sent());
      const answer = toChangeAnswer(reply);
      if (reply.status === 200) rejected = added.filter((name) => answer.rejected.includes(name));
      else for (const name of dropped) carried?.add(name);
      return answer;
    } finally {
      for (const event of position.awaitNoMarkers(rejected)) receive(event);
    }
  }

  async function poll(wait: boolean) {
    stream.checkIdle("poll()");
    const ask = { method: "GET", accept: "application/json", noWait: !wait, ...place() } as const;
    const asked = requests.ask(ask, sent());
    // Whoever is asked may need the end of a tick, and there is nobody else to end it.
    const [reply] = await Promise.all([asked, current.environment?.settle()]);
    const answer = toPollAnswer(reply);
    gaps.push(...answer.gaps);
    if (answer.id !== undefined) position.lastEventId = answer.id;
    return answer;
  }

  function helloOrThrow(): TestHello {
    if (hello) return hello;
    throw new Error(`There is no sse.hello: ${stream.situation}. What came: ${inbox.describeUnread()}.`);
  }

  const nextOf = (matches: EventPredicate) => inbox.take(matches);

  const client: TestClient = {
    get state() {
      return stream.state;
    },
    get status() {
      return stream.status;
    },
    get headers() {
      return stream.headers;
    },
    get text() {
      return stream.text;
    },
    get hello() {
      return helloOrThrow();
    },
    get events() {
      return inbox.all.filter((event) => !isControl(event));
    },
    gaps,
    comments,
    get lastEventId() {
      return position.lastEventId;
    },
    expectEvent(first?: string | EventPredicate, second?: EventPredicate) {
      const isNamed = typeof first === "string";
      const matches = toPredicate(isNamed ? first : undefined, isNamed ? second : first);
      return expect(isNamed ? `expectEvent(${JSON.stringify(first)})` : "expectEvent()", () => nextOf(matches));
    },
    expectEnd: () =>
      expect("expectEnd()", () => {
        const { state } = stream;
        return state === "ended" || state === "broken" ? state : undefined;
      }),
    pause: stream.pause,
    resume: stream.resume,
    async read() {
      const { environment, timeoutMs = 2_000 } = current;
      let isDone = false;
      const isLate = environment ? environment.settle() : inbox.until(() => isDone, timeoutMs);
      const didRead = await stream.read(isLate);
      isDone = true;
      inbox.stir();
      if (didRead === undefined) throw new Error(`read() found nothing: ${stream.situation}.`);
      return didRead;
    },
    drop: stream.drop,
    cutAfter: stream.cutAfter,
    async reconnect(next = {}) {
      checkFields("", next, OPTIONS);
      stream.checkIdle("reconnect()");
      current = { ...current, ...next };
      if (next.channels) channels = new Set(next.channels);
      if (next.lastEventId !== undefined) position.lastEventId = next.lastEventId;
      await connect();
    },
    close: stream.close,
    change: changeChannels,
    poll: ({ wait = true } = {}) => poll(wait),
    async *[Symbol.asyncIterator]() {
      const matches = toPredicate(undefined);
      for (;;) {
        let event = nextOf(matches);
        if (!event && current.environment) {
          await current.environment.settle();
          event = nextOf(matches);
        }
        if (!event)
          await inbox.until(() => {
            event = nextOf(matches);
            return event !== undefined || !isUnderWay();
          }, Number.POSITIVE_INFINITY);
        if (!event) return;
        yield event;
      }
    },
  };
  if (options.connect ?? true) await connect();
  return client;
}
