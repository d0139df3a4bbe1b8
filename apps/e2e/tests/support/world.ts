import { createSSEClient, defineChannels, type Gap, type SSEMessage, type StandardSchema } from "@x/sse-core";
import { createHub, type Environment, type Hub, type HubOptions } from "@x/sse-server";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { createFetchLink } from "./fetch-link.ts";
import { comparePlaces, faultsOf, type Place, type Trace, type TracedGap, type TracedMessage } from "./trace.ts";
import { createWireReader } from "./wire-reader.ts";

/** What may happen to a hub, a client and the link between them. */
export type Step =
  | { readonly do: "publish"; readonly channel: string; readonly size: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "cut"; readonly after: number; readonly noticed: boolean }
  | { readonly do: "refuse"; readonly times: number }
  | { readonly do: "restart"; readonly graceful: boolean }
  | { readonly do: "tick" | "stall" | "unstall" | "connect" | "reconnect" | "disconnect" };

/** How a world is made. */
export interface WorldOptions {
  /** What the client subscribes to. */
  readonly channels: readonly string[];
  readonly hub: HubOptions;
  /** The link never hands the client more at once. */
  readonly chunkBytes: number;
  readonly seed: number;
  /** Gives every channel a schema that answers later, some of them only after the next steps. */
  readonly isAsync?: boolean;
}

export interface World {
  readonly trace: Trace;
  /** What the client showed that the wire contradicts. */
  readonly contradictions: readonly string[];
  readonly requests: readonly Request[];
  readonly received: readonly TracedMessage[];
  /** Bytes of bodies given to the client so far. */
  readonly bytes: number;
  /** Streams that were cut while a replay was under way. */
  readonly cutReplays: number;
  do(step: Step): Promise<void>;
  /** Mends everything and lets the client catch up. */
  finish(): Promise<void>;
  /** Everything that is wrong, in words. */
  faults(): string[];
}

interface Hello {
  readonly epoch: string;
  readonly pos: string;
  readonly resume: string;
  readonly replayed: number;
}

const epochOf = (run: number) => run.toString(36).padStart(6, "e");
const runOf = (epoch: string) => Number.parseInt(epoch.replace(/^e+/, "") || "e", 36);
// A promise job that is due has run before the next turn of the event loop.
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** The place an id names. */
function placeOf(id: string): Place {
  const [epoch = "", position = ""] = id.split(".");
  return { run: runOf(epoch), position: Number.parseInt(position, 36) };
}

/** A real hub and a real client, joined by a link of bytes, in a time of their own. */
export function createWorld({ channels, hub: hubOptions, chunkBytes, seed, isAsync = false }: WorldOptions): World {
  const published: TracedMessage[] = [];
  const received: TracedMessage[] = [];
  const gaps: TracedGap[] = [];
  const contradictions: string[] = [];
  const lastGaps = new Map<string, Gap>();
  let begin: Place | null = null;
  let hello: Hello | undefined;
  let isReplaying = false;
  let cutReplays = 0;
  let bytes = 0;

  const wire = createWireReader(({ event, id, data }) => {
    if (event === "sse.hello") {
      hello = JSON.parse(data ?? "") as Hello;
      isReplaying = hello.replayed > 0;
      if (hello.resume === "fresh" && hello.replayed === 0) begin ??= placeOf(`${hello.epoch}.${hello.pos}`);
    } else if (event === "sse.gap") {
      const gap = JSON.parse(data ?? "") as Gap;
      const from = gap.from === null ? null : placeOf(gap.from);
      gaps.push({ ...gap, from, to: placeOf(gap.to ?? ""), at: received.length, stream: link.requests.length });
      for (const channel of gap.channels) lastGaps.set(channel, gap);
    }
    if (id === undefined) return;
    // A first stream that begins with older messages has a position once all of them are there.
    const head = placeOf(`${hello?.epoch}.${hello?.pos}`);
    if (hello && comparePlaces(placeOf(id), head) >= 0) begin ??= head;
    if (event === undefined) isReplaying = false;
  });
  const link = createFetchLink(chunkBytes, {
    onOpen() {
      if (isReplaying) cutReplays++;
      isReplaying = false;
      hello = undefined;
      wire.restart();
      // All it had of its first stream was still being decoded and is discarded: it begins anew, without a position.
      if (isAsync && received.length === 0 && !link.requests.at(-1)?.headers.has("last-event-id")) begin = null;
    },
    onBytes(chunk) {
      bytes += chunk.length;
      wire.read(chunk);
    },
  });

  const environment = createFakeEnvironment({ fetch: link.fetch, seed, start: 1_000_000 });
  const { clock } = environment;
  let hub: Hub;
  let run = -1;
  let deferred = new Set<() => void>();
  const startHub = () => {
    run++;
    // What a process that has gone had still to do is never done.
    deferred = new Set();
    const own = deferred;
    const isAlive = () => own === deferred;
    const hubEnvironment: Environment = {
      now: environment.now,
      random: environment.random,
      randomId: () => `conn-${environment.random()}`,
      setTimer: (callback, ms) => clock.setTimer(() => isAlive() && callback(), ms),
      defer(callback) {
        const entry = () => callback();
        own.add(entry);
        return () => void own.delete(entry);
      },
    };
    hub = createHub({ ...hubOptions, epoch: epochOf(run), environment: hubEnvironment });
    link.serve(hub.fetch);
  };
  startHub();
  const tick = () => {
    for (const callback of deferred) {
      deferred.delete(callback);
      callback();
    }
  };

  let answering = 0;
  const schema: StandardSchema<unknown> = {
    "~standard": {
      version: 1,
      vendor: "test",
      async validate(value) {
        answering++;
        if (environment.random() < 0.3) await turn();
        answering--;
        return { value };
      },
    },
  };
  const client = createSSEClient({
    url: `http://hub/events?channels=${channels}`,
    channels: defineChannels<Record<string, unknown>>(
      Object.fromEntries(channels.map((name) => [name, isAsync ? { schema } : {}])),
    ),
    environment: { ...environment, requestFlush: queueMicrotask },
    onError(error) {
      // Time moves in leaps here, during which nobody can answer.
      if (error.code !== "network" && error.code !== "timeout") contradictions.push(`unexpected error: ${error}`);
    },
  });
  const take = (name: string, { channel, data, id = "", lastEventId, replayed }: SSEMessage) => {
    const place = placeOf(id);
    if (name !== channel) contradictions.push(`${id} of ${channel} was given to the handler of ${name}`);
    if (!isAsync && id !== lastEventId) contradictions.push(`${id} came with lastEventId ${lastEventId}`);
    const head = placeOf(`${hello?.epoch}.${hello?.pos}`);
    if (!isAsync && replayed !== comparePlaces(place, head) <= 0)
      contradictions.push(`${id} has replayed: ${replayed} in a stream that began at ${hello?.epoch}.${hello?.pos}`);
    received.push({ channel, value: String(data), ...place });
  };
  for (const name of channels) client.channel(name).on((message) => take(name, message));

  /** Whether the client shows every gap that came over the wire, and counted no more. */
  const compareGaps = () => {
    for (const name of channels) {
      const shown = JSON.stringify(client.channel(name).gap.get());
      const told = JSON.stringify(lastGaps.get(name) ?? null);
      if (shown !== told) contradictions.push(`the gap of ${name} is shown as ${shown} and was told as ${told}`);
    }
    const { gaps: counted, messages, duplicates, invalid, unknown } = client.stats.get();
    const faulty = { gaps: counted - gaps.length, messages: messages - received.length, duplicates, invalid, unknown };
    if (Object.values(faulty).some((count) => count !== 0))
      contradictions.push(`the client's figures are off by ${JSON.stringify(faulty)}`);
  };

  const act = (step: Step) => {
    switch (step.do) {
      case "publish": {
        const position = published.filter((each) => each.run === run).length + 1;
        // Characters of several bytes, so that a cut may fall into one.
        const value = `${run}.${position}${"\u20AC\u{1F600}".repeat(step.size)}`;
        published.push({ channel: step.channel, value, run, position });
        void hub.publish(step.channel, value);
        break;
      }
      case "tick":
        return tick();
      case "wait":
        tick();
        return clock.advance(step.ms);
      case "cut":
        return link.cutAfter(step.after, step.noticed);
      case "refuse":
        return link.refuse(step.times);
      case "restart":
        if (step.graceful) void hub.close({ spreadMs: 0, timeoutMs: 0 });
        else link.cut();
        return startHub();
      case "stall":
        return link.stall();
      case "unstall":
        return link.unstall();
      default:
        return client[step.do]();
    }
  };

  const world: World = {
    get trace() {
      return { published, received, gaps, channels, begin, replayMax: hubOptions.replayMax ?? 1_000 };
    },
    contradictions,
    received,
    requests: link.requests,
    get bytes() {
      return bytes;
    },
    get cutReplays() {
      return cutReplays;
    },
    async do(step) {
      act(step);
      await turn();
      compareGaps();
    },
    async finish() {
      link.cutAfter(Number.POSITIVE_INFINITY);
      link.refuse(0);
      link.unstall();
      client.connect();
      // Long enough for the longest delay, for a stalled stream to be given up and for heartbeats; in steps in which an
      // attempt is answered before its time is over.
      for (let round = 0; round < 32; round++) {
        await turn();
        tick();
        clock.advance(4_000);
      }
      do await turn();
      while (answering > 0);
      compareGaps();
      const { status, cause } = client.status.get();
      if (status !== "open") contradictions.push(`the client is ${status} in the end: ${cause}`);
      const { lastEventId } = client.status.get();
      // Without heartbeats nobody tells a quiet stream how far others' traffic has moved the log.
      if (hubOptions.heartbeatMs !== null && lastEventId !== hub.head)
        contradictions.push(`the client is at ${lastEventId}, the hub at ${hub.head}`);
      client.close();
      await turn();
      if (link.open !== 0) contradictions.push(`${link.open} streams are open after close()`);
    },
    faults: () => [...faultsOf(world.trace), ...contradictions],
  };
  return world;
}
