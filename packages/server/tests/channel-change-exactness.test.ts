import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Hub } from "../src/index.ts";
import { createFakeResponse } from "./support/fake-response.ts";
import { change, connect, createTestHub } from "./support/test-hub.ts";

const CHANNELS = ["a", "b", "c/1", "c/2"];
/** What the clients add and drop. */
const NAMES = ["a", "b", "c/*"];

/** Whose streams they are. */
const USERS = ["ann", "bob"] as const;

/** Whom an event is addressed to, if anybody. */
type To = (typeof USERS)[number] | "all" | undefined;

interface Logged {
  readonly channel: string;
  readonly to: To;
}

type Step =
  | { readonly do: "publish"; readonly channel: string; readonly size: number; readonly to: To }
  | { readonly do: "tick" | "wait" | "echo" }
  | { readonly do: "stall" | "read" | "cut" | "reconnect"; readonly who: number }
  | {
      readonly do: "subscribe" | "subscribe-nested" | "unsubscribe";
      readonly who: number;
      readonly name: string;
      readonly since: boolean;
    };

const who = fc.nat({ max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      channel: fc.constantFrom(...CHANNELS),
      size: fc.constantFrom(1, 1, 500, 5_000),
      to: fc.constantFrom(undefined, undefined, undefined, "all" as const, ...USERS),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("tick" as const, "tick", "wait", "echo") }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("stall" as const, "read", "cut", "reconnect"), who }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom("subscribe" as const, "subscribe", "subscribe-nested", "unsubscribe"),
      who,
      name: fc.constantFrom(...NAMES),
      since: fc.boolean(),
    }),
  },
);

function nameOf(channel: string): string {
  return channel.startsWith("c/") ? "c/*" : channel;
}

function positionOf(id: string): number {
  return Number.parseInt(id.split(".")[1]!, 36);
}

function idOf(position: number): string {
  return `epoch0.${position.toString(36)}`;
}

/** A client that adds and drops channels by the contract. The data of every event begins with its position. */
function createClient(hub: Hub, user: (typeof USERS)[number], log: readonly Logged[]) {
  let cursor: number | undefined;
  let read = 0;
  const confirmed = new Set<string>();
  const pending = new Map<string, { readonly since: number | undefined; held: number[] }>();
  /** Up to where a name that is not confirmed is accounted for. */
  const accounted = new Map<string, number>();
  const startedAt = new Map<string, number>();
  const got: { readonly channel: string; readonly position: number }[] = [];
  const excused: { readonly channel: string; readonly from: number; readonly to: number }[] = [];
  let stream = connectAgain();

  function connectAgain() {
    const id = cursor === undefined ? undefined : idOf(cursor);
    return connect(hub, `?channels=${[...confirmed].join()}`, id, { user });
  }

  function post(body: object): boolean {
    const { status } = change(hub, { conn: stream.conn(), ...body }, { user });
    if (status === 409) return false;
    expect(status).toBe(200);
    return true;
  }

  function takeBlock(block: string) {
    const field = (name: string) =>
      block
        .split("\n")
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2);
    const [id, event, data] = [field("id"), field("event"), field("data")];
    if (event === "sse.hello") {
      const { resume, replayed, pos } = JSON.parse(data!);
      if (resume === "fresh" && replayed === 0) cursor = Number.parseInt(pos, 36);
    } else if (event === "sse.gap") {
      const { channels, from, to } = JSON.parse(data!);
      for (const channel of channels as string[])
        excused.push({ channel, from: from === null ? 0 : positionOf(from), to: positionOf(to) });
    } else if (event === "sse.subscribed") {
      const { channel, pos } = JSON.parse(data!);
      confirm(channel, Number.parseInt(pos, 36));
    } else if (event !== undefined) {
      takeEvent(event, id === undefined ? undefined : positionOf(id), Number.parseInt(JSON.parse(data!), 10));
    }
    if (id === undefined) return;
    expect(positionOf(id)).toBeGreaterThanOrEqual(cursor ?? 0);
    cursor = positionOf(id);
  }

  function takeEvent(channel: string, id: number | undefined, position: number) {
    const waiting = pending.get(nameOf(channel));
    const { to } = log[position - 1]!;
    expect([undefined, "all", user]).toContain(to);
    if (waiting && id === undefined) return waiting.held.push(position);
    // What is addressed comes whatever the stream carries. The client is not listening.
    if (to !== undefined && !confirmed.has(nameOf(channel))) return expect(id).toBe(position);
    expect(waiting).toBeUndefined();
    // Nothing of a channel that was dropped, and nothing twice.
    expect(confirmed).toContain(nameOf(channel));
    expect(id).toBe(position);
    expect(position).toBeGreaterThan(cursor ?? 0);
    got.push({ channel, position });
  }

  function confirm(name: string, pos: number) {
    expect(pos).toBeGreaterThanOrEqual(cursor ?? 0);
    cursor = pos;
    const waiting = pending.get(name);
    if (!waiting) return expect(confirmed).toContain(name);
    for (const position of waiting.held) got.push({ channel: log[position - 1]!.channel, position });
    pending.delete(name);
    confirmed.add(name);
    const before = accounted.get(name);
    if (before === undefined) startedAt.set(name, pos);
    else if (waiting.since === undefined) excused.push({ channel: name, from: before, to: pos });
  }

  const client = {
    got,
    excused,
    confirmed,
    pending,
    accounted,
    startedAt,
    get res() {
      return stream.res;
    },
    take(bytes?: number) {
      const text = bytes === undefined ? stream.res.text : stream.res.text.slice(0, bytes);
      const blocks = text
        .slice(0, text.lastIndexOf("\n\n") + 2)
        .split("\n\n")
        .slice(0, -1);
      for (const block of blocks.slice(read)) takeBlock(block);
      read = Math.max(read, blocks.length);
    },
    reconnect(bytes?: number) {
      stream.res.leave();
      client.take(bytes);
      read = 0;
      stream = connectAgain();
      for (const [name, { since }] of [...pending]) {
        pending.delete(name);
        client.subscribe(name, since);
      }
    },
    subscribe(name: string, since: number | undefined) {
      if (!confirmed.has(name) && !pending.has(name)) pending.set(name, { since, held: [] });
      // Without effect on one that is there.
      const presented = since ?? (confirmed.has(name) ? 0 : undefined);
      const body = { subscribe: [name], since: presented === undefined ? {} : { [name]: idOf(presented) } };
      if (!post(body)) client.reconnect();
    },
    unsubscribe(name: string) {
      if (!post({ unsubscribe: [name] })) return client.reconnect();
      client.take();
      if (confirmed.delete(name)) accounted.set(name, cursor!);
      pending.delete(name);
    },
  };
  client.take();
  return client;
}

interface Course {
  readonly size: number;
  readonly historyBytes: number;
  readonly replayMax: number;
}

/** Runs the steps against two clients and returns what became of them. */
function run(steps: readonly Step[], { size, historyBytes, replayMax }: Course, cutAt: number) {
  const { hub, environment } = createTestHub({
    history: { size },
    historyBytes,
    userHistoryBytes: historyBytes,
    replayMax,
    slow: { maxBufferedBytes: 4_000 },
  });
  const log: Logged[] = [];
  const publish = (channel: string, bytes: number, to?: To) => {
    log.push({ channel, to });
    const data = `${log.length} ${"x".repeat(bytes)}`;
    if (to === undefined) void hub.publish(channel, data);
    else if (to === "all") void hub.broadcast(channel, data);
    else void hub.toUser(to).publish(channel, data);
  };
  // Is written to before the clients, and now and then publishes or changes a client's channels from inside that.
  const neighbour = createFakeResponse();
  const { write } = neighbour;
  const nested: (() => void)[] = [];
  neighbour.write = (chunk) => {
    nested.shift()?.();
    return write(chunk);
  };
  connect(hub, "", undefined, {}, neighbour);
  const clients = USERS.map((user) => createClient(hub, user, log));

  for (const next of steps) {
    if (next.do === "publish") publish(next.channel, next.size, next.to);
    else if (next.do === "tick") environment.endTick();
    else if (next.do === "wait") environment.advance(20_000);
    else if (next.do === "echo") nested.push(() => publish(CHANNELS[log.length % CHANNELS.length]!, 5_000));
    else if ("name" in next) {
      const client = clients[next.who]!;
      const subscribe = () => client.subscribe(next.name, next.since ? client.accounted.get(next.name) : undefined);
      if (next.do === "subscribe") subscribe();
      else if (next.do === "subscribe-nested") nested.push(subscribe);
      else client.unsubscribe(next.name);
    } else if ("who" in next) {
      const client = clients[next.who]!;
      if (next.do === "stall") client.res.stalled = true;
      else if (next.do === "read") client.res.drain();
      else if (next.do === "cut") client.reconnect(Math.floor((client.res.text.length * cutAt) / 1_000));
      else client.reconnect();
    }
    for (const client of clients) client.take();
  }

  nested.length = 0;
  for (const client of clients) {
    client.res.drain();
    environment.endTick();
    if (client.res.destroyed) client.reconnect();
    client.take();
    for (const [name, since] of client.accounted) {
      if (!client.confirmed.has(name) && !client.pending.has(name)) client.subscribe(name, since);
    }
    client.res.drain();
    environment.endTick();
    client.take();
  }
  return { clients, log };
}

/** Events of every channel since the client first had it, and whether each was delivered or excused. */
function check({ clients, log }: ReturnType<typeof run>) {
  for (const [who, client] of clients.entries()) {
    expect([...client.pending.keys()]).toEqual([]);
    for (const channel of CHANNELS) {
      const startedAt = client.startedAt.get(nameOf(channel));
      const got = client.got.filter((each) => each.channel === channel).map(({ position }) => position);
      expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
      if (startedAt === undefined) continue;
      const isFor = ({ to }: Logged) => to === undefined || to === "all" || to === USERS[who];
      const due = log.flatMap((each, index) =>
        each.channel === channel && isFor(each) && index + 1 > startedAt ? [index + 1] : [],
      );
      const missed = due.filter((position) => !got.includes(position));
      const isExcused = (position: number) =>
        client.excused.some(
          (each) =>
            (each.channel === "**" || nameOf(each.channel) === nameOf(channel)) &&
            position > each.from &&
            position <= each.to,
        );
      expect(missed.filter((position) => !isExcused(position))).toEqual([]);
    }
  }
}

describe("clients that change their channels", () => {
  // SPEC 16, 17, 44, 45, 49, 50, 93
  it("get every event of every channel exactly once in order, or are told that they did not", {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 100 }),
        fc.record({
          size: fc.integer({ min: 1, max: 12 }),
          historyBytes: fc.constantFrom(6_000, 30_000, 1_000_000),
          replayMax: fc.constantFrom(5, 1_000),
        }),
        fc.nat({ max: 1_000 }),
        (steps, course, cutAt) => check(run(steps, course, cutAt)),
      ),
      { numRuns: 1_500 },
    );
  });

  // SPEC 18, 45, 93
  it("get the log itself while the history is long enough and they always say what they have", {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.nat({ max: 1_000 }), (steps, cutAt) => {
        const always = steps.map((each) => ("since" in each ? { ...each, since: true } : each));
        const result = run(always, { size: 1_000, historyBytes: 64_000_000, replayMax: 1_000 }, cutAt);
        check(result);
        for (const client of result.clients) expect(client.excused).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
