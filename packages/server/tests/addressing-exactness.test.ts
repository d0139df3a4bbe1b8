import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuthorizeEvent, HubOptions } from "../src/index.ts";
import { createFakeResponse } from "./support/fake-response.ts";
import { connect, createTestHub, type FakeStream, poll } from "./support/test-hub.ts";

const CHANNELS = ["a", "b", "c/1", "c/2"];
const USERS = ["ann", "bob"];
/** Who watches: user and channels. The last one polls. */
const WATCHERS = [
  { user: "ann", channels: ["a"] },
  { user: "ann", channels: ["a"] },
  { user: "bob", channels: ["a"] },
  { user: "bob", channels: ["c/*", "b"] },
  { user: undefined, channels: ["**"] },
  { user: undefined, channels: [] },
  { user: "ann", channels: ["b"] },
] as const;
const POLLER = WATCHERS.length - 1;

/** Nobody in particular, everybody, one of the users, or one of many others. */
type To = undefined | "all" | string;

type Step =
  | { readonly do: "publish" | "echo"; readonly to: To; readonly channel: string; readonly size: number }
  | { readonly do: "tick" | "wait" | "poll" }
  | { readonly do: "stall" | "read" | "cut" | "reconnect"; readonly who: number };

const event = {
  to: fc.constantFrom(undefined, undefined, "all", "ann", "ann", "bob", "other"),
  channel: fc.constantFrom(...CHANNELS),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({ do: fc.constant("publish" as const), ...event, size: fc.constantFrom(1, 1, 500, 5_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("echo" as const), ...event, size: fc.constant(5_000) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("tick" as const, "tick", "wait", "poll") }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("stall" as const, "read", "cut", "reconnect"),
      who: fc.nat({ max: POLLER - 1 }),
    }),
  },
);

function listens(channels: readonly string[], channel: string): boolean {
  return channels.some((own) => own === "**" || own === channel || (own === "c/*" && channel.startsWith("c/")));
}

function positionOf(id: string): number {
  return Number.parseInt(id.split(".")[1]!, 36);
}

interface GapSeen {
  readonly channels: string[];
  readonly from: string | null;
  readonly to: string;
}

/** What one client has got, and up to where gaps excuse it. */
function createRecord() {
  const got: number[] = [];
  const excused: { readonly channels: string[]; readonly from: number; readonly to: number }[] = [];
  return {
    got,
    excused,
    cursor: 0,
    startedAt: 0,
    takeGap({ channels, from, to }: GapSeen) {
      excused.push({ channels, from: from === null ? 0 : positionOf(from), to: positionOf(to) });
    },
  };
}

type Record = ReturnType<typeof createRecord>;

/** Reads what has arrived on a stream since the last look, the first `bytes` of it. */
function readBlocks(stream: FakeStream, seen: number, bytes?: number) {
  const text = bytes === undefined ? stream.res.text : stream.res.text.slice(0, bytes);
  const blocks = text
    .slice(0, text.lastIndexOf("\n\n") + 2)
    .split("\n\n")
    .slice(0, -1);
  return blocks.slice(seen).map((block) => {
    const field = (name: string) =>
      block
        .split("\n")
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2);
    return { id: field("id"), event: field("event"), data: field("data") };
  });
}

function run(steps: readonly Step[], options: HubOptions, cutAt: number) {
  const { hub, environment } = createTestHub({ ...options, slow: { maxBufferedBytes: 4_000 } });
  const log: { readonly channel: string; readonly to: To }[] = [];
  let others = 0;

  function publish({ channel, to, size }: Extract<Step, { to: To }>) {
    log.push({ channel, to });
    const data = "x".repeat(size);
    if (to === undefined) void hub.publish(channel, data);
    else if (to === "all") void hub.broadcast(channel, data);
    else void hub.toUser(to === "other" ? `other-${others++}` : to).publish(channel, data);
  }

  // Is written to before the clients, and now and then publishes from inside that.
  const neighbour = createFakeResponse();
  const { write } = neighbour;
  const echoes: Extract<Step, { to: To }>[] = [];
  neighbour.write = (chunk) => {
    const echo = echoes.shift();
    if (echo) publish(echo);
    return write(chunk);
  };
  connect(hub, "", undefined, { user: "ann" }, neighbour);

  const streamers = WATCHERS.slice(0, POLLER).map(({ user, channels }) => {
    const record = createRecord();
    let seen = 0;
    let stream = open();

    function open(lastEventId?: string): FakeStream {
      seen = 0;
      const opened = connect(hub, `?channels=${channels.join()}`, lastEventId, { user });
      const { replayed } = opened.hello() as { replayed: number };
      expect(opened.received()).toHaveLength(replayed);
      return opened;
    }

    const streamer = {
      record,
      get res() {
        return stream.res;
      },
      take(bytes?: number) {
        const blocks = readBlocks(stream, seen, bytes);
        seen += blocks.length;
        for (const { id, event: name, data } of blocks) {
          if (name === "sse.gap") record.takeGap(JSON.parse(data!));
          else if (name === "sse.hello" && JSON.parse(data!).resume === "fresh") {
            record.cursor = Number.parseInt(JSON.parse(data!).pos, 36);
          } else if (name !== undefined && !name.startsWith("sse.")) record.got.push(positionOf(id!));
          if (id === undefined) continue;
          expect(positionOf(id)).toBeGreaterThanOrEqual(record.cursor);
          record.cursor = positionOf(id);
        }
      },
      reconnect(bytes?: number) {
        stream.res.leave();
        streamer.take(bytes);
        stream = open(`epoch0.${record.cursor.toString(36)}`);
      },
    };
    return streamer;
  });

  const poller = { record: createRecord(), held: undefined as ReturnType<typeof poll> | undefined };
  const ask = (wait: string) =>
    poll(hub, `?channels=b${wait}`, `epoch0.${poller.record.cursor.toString(36)}`, { user: "ann" });

  function takePoll() {
    const answer = poller.held?.json() as
      | { id: string; gaps: GapSeen[]; events: { id: string }[]; [rest: string]: unknown }
      | undefined;
    if (!answer) return;
    poller.held = undefined;
    for (const gap of answer.gaps) poller.record.takeGap(gap);
    for (const { id } of answer.events) poller.record.got.push(positionOf(id));
    poller.record.cursor = positionOf(answer.id);
  }

  for (const next of steps) {
    if (next.do === "publish") publish(next);
    else if (next.do === "echo") echoes.push(next);
    else if (next.do === "tick") environment.endTick();
    else if (next.do === "wait") environment.advance(20_000);
    else if (next.do === "poll") poller.held ??= ask("");
    else if ("who" in next) {
      const streamer = streamers[next.who]!;
      if (next.do === "stall") streamer.res.stalled = true;
      else if (next.do === "read") streamer.res.drain();
      else if (next.do === "cut") streamer.reconnect(Math.floor((streamer.res.text.length * cutAt) / 1_000));
      else streamer.reconnect();
    }
    takePoll();
  }

  echoes.length = 0;
  environment.advance(30_000);
  takePoll();
  do {
    poller.held = ask("&wait=0");
    takePoll();
  } while (poller.record.cursor < log.length);
  for (const streamer of streamers) {
    streamer.res.drain();
    environment.endTick();
    if (streamer.res.destroyed) streamer.reconnect();
    streamer.take();
  }
  return { log, records: [...streamers.map(({ record }) => record), poller.record] };
}

/** Denies every third event to all but one user. */
const authorizeEvent: AuthorizeEvent = ({ user }, { id }) => user === "bob" || positionOf(id!) % 3 > 0;

/** Each has exactly what is for it, in order, or was told that it has not. */
function check({ log, records }: ReturnType<typeof run>, allows: AuthorizeEvent = () => true) {
  records.forEach((record: Record, index) => {
    const { user, channels } = WATCHERS[index]!;
    const isFor = ({ channel, to }: (typeof log)[number]) =>
      to === undefined ? listens(channels, channel) : to === "all" || to === user;
    const isAllowed = (position: number) =>
      allows({ user } as Parameters<AuthorizeEvent>[0], { id: `epoch0.${position.toString(36)}` } as never);
    const due = log.flatMap((entry, at) => (isFor(entry) && isAllowed(at + 1) ? [at + 1] : []));
    expect(record.got).toEqual([...new Set(record.got)].sort((a, b) => a - b));
    expect(record.got.filter((position) => !due.includes(position))).toEqual([]);
    const missed = due.filter((position) => !record.got.includes(position));
    const isExcused = (position: number) =>
      record.excused.some(
        (gap) => position > gap.from && position <= gap.to && listens(gap.channels, log[position - 1]!.channel),
      );
    expect(missed.filter((position) => !isExcused(position))).toEqual([]);
  });
}

describe("streams and polls of several users", () => {
  // SPEC 91, 92, 94
  it("get exactly what is for them in order, or are told that they did not, and nothing else", {
    timeout: 120_000,
  }, () => {
    expect(USERS.every((user) => WATCHERS.some((watcher) => watcher.user === user))).toBe(true);
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        fc.record({
          history: fc.record({ size: fc.integer({ min: 1, max: 12 }) }),
          historyBytes: fc.constantFrom(6_000, 30_000, 1_000_000),
          userHistoryBytes: fc.constantFrom(6_000, 30_000, 1_000_000),
          replayMax: fc.constantFrom(5, 1_000),
        }),
        fc.nat({ max: 1_000 }),
        (steps, options, cutAt) => check(run(steps, options, cutAt)),
      ),
      { numRuns: 1_500 },
    );
  });

  // SPEC 91, 92, 95
  it("get exactly what of that they are allowed when that is decided for each event", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        fc.record({
          history: fc.record({ size: fc.integer({ min: 1, max: 12 }) }),
          userHistoryBytes: fc.constantFrom(6_000, 1_000_000),
          replayMax: fc.constantFrom(5, 1_000),
        }),
        fc.nat({ max: 1_000 }),
        (steps, options, cutAt) => check(run(steps, { ...options, authorizeEvent }, cutAt), authorizeEvent),
      ),
      { numRuns: 500 },
    );
  });

  // SPEC 18, 92
  it("get no gap while everything is kept", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.nat({ max: 1_000 }), (steps, cutAt) => {
        const result = run(steps, { history: { ttlMs: null } }, cutAt);
        check(result);
        for (const { excused } of result.records) expect(excused).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
