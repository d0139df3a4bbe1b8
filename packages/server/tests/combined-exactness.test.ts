import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Hub, HubOptions } from "../src/index.ts";
import { createFakeResponse } from "./support/fake-response.ts";
import { change, connect, createTestHub, poll } from "./support/test-hub.ts";

const CHANNELS = ["a", "b", "c/1", "c/2"];
/** What the clients add and drop. */
const NAMES = ["a", "b", "c/*"];
/** Whose streams they are. */
const USERS = ["ann", "bob"] as const;
/** What the poll of the first of them is about. */
const POLLED = ["b", "c/1"];

/** Whom an event is addressed to, if anybody. */
type To = (typeof USERS)[number] | "all" | undefined;

interface Logged {
  readonly channel: string;
  readonly to: To;
  /** Set for a state. */
  readonly key: string | undefined;
}

type Publish = {
  readonly channel: string;
  readonly size: number;
  readonly to: To;
  readonly as: "event" | "ephemeral" | "x" | "y";
};
type Step =
  | (Publish & { readonly do: "publish" | "echo" | "decide" })
  | { readonly do: "tick" | "wait" | "poll" | "newcomer" }
  | { readonly do: "stall" | "read" | "cut" | "reconnect"; readonly who: number }
  | {
      readonly do: "subscribe" | "subscribe-nested" | "unsubscribe";
      readonly who: number;
      readonly name: string;
      readonly since: boolean;
    };

const who = fc.nat({ max: USERS.length - 1 });
const publishing = {
  channel: fc.constantFrom(...CHANNELS),
  size: fc.constantFrom(1, 1, 500, 5_000),
  to: fc.constantFrom(undefined, undefined, undefined, "all" as const, ...USERS),
  as: fc.constantFrom("event" as const, "event", "ephemeral", "x", "y"),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ do: fc.constant("publish" as const), ...publishing }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("echo" as const, "decide"), ...publishing }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("tick" as const, "tick", "wait", "poll", "newcomer") }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("stall" as const, "read", "cut", "reconnect"), who }) },
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

/** By the number with which the data of an event begins. */
function isAllowed(user: string | undefined, number: number): boolean {
  return user !== "ann" || number % 3 > 0;
}

interface Excuse {
  readonly channel: string;
  readonly from: number;
  readonly to: number;
}

function excusesOf({ channels, from, to }: { channels: string[]; from: string | null; to: string }): Excuse[] {
  return channels.map((channel) => ({ channel, from: from === null ? 0 : positionOf(from), to: positionOf(to) }));
}

/** A client that adds and drops channels by the contract. */
function createClient(hub: Hub, user: (typeof USERS)[number], log: readonly Logged[], isQuiet: () => boolean) {
  let cursor = 0;
  let read = 0;
  let lastEphemeral = -1;
  const confirmed = new Set<string>();
  const pending = new Map<string, { readonly since: number | undefined; held: number[] }>();
  /** Up to where a name that is not confirmed is accounted for. */
  const accounted = new Map<string, number>();
  const startedAt = new Map<string, number>();
  const got: { readonly channel: string; readonly position: number }[] = [];
  /** Everything addressed that came, whether or not somebody listened. */
  const mail = new Set<number>();
  const excused: Excuse[] = [];
  let stream = connectAgain();

  function connectAgain() {
    const quiet = isQuiet();
    const opened = connect(hub, `?channels=${[...confirmed].join()}`, idOf(cursor), { user });
    const { replayed, pos } = opened.hello() as { replayed: number; pos: string };
    const head = Number.parseInt(pos, 36);
    const due = opened.received().filter(({ id }) => id !== undefined && positionOf(id) <= head);
    if (quiet) expect(due).toHaveLength(replayed);
    return opened;
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
    if (event === "sse.gap") excused.push(...excusesOf(JSON.parse(data!)));
    else if (event === "sse.subscribed") {
      const { channel, pos } = JSON.parse(data!);
      confirm(channel, Number.parseInt(pos, 36));
    } else if (event !== undefined && !event.startsWith("sse.")) {
      takeEvent(event, id === undefined ? undefined : positionOf(id), JSON.parse(data!));
    }
    if (id === undefined) return;
    expect(positionOf(id)).toBeGreaterThanOrEqual(cursor);
    cursor = positionOf(id);
  }

  function takeEvent(channel: string, id: number | undefined, data: string) {
    const position = Number.parseInt(data, 10);
    expect(isAllowed(user, position)).toBe(true);
    const name = nameOf(channel);
    if (data.includes("ephemeral")) {
      expect(id).toBeUndefined();
      expect(position).toBeGreaterThan(lastEphemeral);
      lastEphemeral = position;
      const to = data.split(" ")[2];
      if (to === "undefined") expect(confirmed.has(name) || pending.has(name)).toBe(true);
      else expect(["all", user]).toContain(to);
      return;
    }
    const waiting = pending.get(name);
    const { to } = log[position - 1]!;
    expect([undefined, "all", user]).toContain(to);
    if (to !== undefined) mail.add(position);
    if (id !== undefined) expect(position).toBeGreaterThan(cursor);
    if (waiting && id === undefined) return waiting.held.push(position);
    // What is addressed comes whatever the stream carries. The client is not listening.
    if (to !== undefined && !confirmed.has(name)) return expect(id).toBe(position);
    expect(waiting).toBeUndefined();
    // Nothing of a channel that was dropped, and nothing twice.
    expect(confirmed).toContain(name);
    expect(id).toBe(position);
    got.push({ channel, position });
  }

  function confirm(name: string, pos: number) {
    expect(pos).toBeGreaterThanOrEqual(cursor);
    cursor = pos;
    const waiting = pending.get(name);
    if (!waiting) return expect(confirmed).toContain(name);
    for (const position of waiting.held) expect(position).toBeLessThanOrEqual(pos);
    expect(waiting.held).toEqual([...new Set(waiting.held)].sort((a, b) => a - b));
    // First messages are no part of what it has to have.
    if (waiting.since !== undefined)
      for (const position of waiting.held) got.push({ channel: log[position - 1]!.channel, position });
    pending.delete(name);
    confirmed.add(name);
    const before = accounted.get(name);
    if (before === undefined) startedAt.set(name, pos);
    else if (waiting.since === undefined) excused.push({ channel: name, from: before, to: pos });
  }

  const client = {
    user,
    got,
    mail,
    excused,
    confirmed,
    pending,
    accounted,
    startedAt,
    get cursor() {
      return cursor;
    },
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
      if (confirmed.delete(name)) accounted.set(name, cursor);
      pending.delete(name);
    },
  };
  client.take();
  return client;
}

function run(steps: readonly Step[], options: HubOptions, cutAt: number) {
  const decisions: (() => void)[] = [];
  const { hub, environment } = createTestHub({
    ...options,
    slow: { maxBufferedBytes: 4_000 },
    authorizeEvent({ user }, { data }) {
      decisions.shift()?.();
      return isAllowed(user, Number.parseInt(data as string, 10));
    },
  });
  const log: Logged[] = [];
  let ephemeral = 0;
  function publish({ channel, size, to, as }: Publish) {
    const to_ = to === undefined ? hub : to === "all" ? { publish: hub.broadcast } : hub.toUser(to);
    const padding = "x".repeat(size);
    if (as === "ephemeral") {
      void to_.publish(channel, `${ephemeral++} ephemeral ${to} ${padding}`, { ephemeral: true });
      return;
    }
    const key = as === "event" ? undefined : as;
    log.push({ channel, to, key });
    void to_.publish(channel, `${log.length} ${padding}`, key === undefined ? {} : { latest: true, key });
  }

  // Is written to before the clients, and now and then publishes or changes a client's channels from inside that.
  const neighbour = createFakeResponse();
  const { write } = neighbour;
  const nested: (() => void)[] = [];
  neighbour.write = (chunk) => {
    nested.shift()?.();
    return write(chunk);
  };
  connect(hub, "", undefined, {}, neighbour);
  const clients = USERS.map((user) => createClient(hub, user, log, () => decisions.length === 0));

  const poller = {
    cursor: 0,
    got: [] as number[],
    excused: [] as Excuse[],
    held: undefined as ReturnType<typeof poll> | undefined,
  };
  const ask = (wait: string) => poll(hub, `?channels=${POLLED.join()}${wait}`, idOf(poller.cursor), { user: USERS[0] });
  function takePoll() {
    const answer = poller.held?.json() as
      | { id: string; gaps: Parameters<typeof excusesOf>[0][]; events: { id: string; data: string }[] }
      | undefined;
    if (!answer) return;
    poller.held = undefined;
    for (const gap of answer.gaps) poller.excused.push(...excusesOf(gap));
    for (const { id, data } of answer.events) {
      expect(JSON.parse(data)).toMatch(new RegExp(`^${positionOf(id)} `));
      poller.got.push(positionOf(id));
    }
    expect(positionOf(answer.id)).toBeGreaterThanOrEqual(poller.cursor);
    poller.cursor = positionOf(answer.id);
  }

  /** Whoever is new gets at most one state of each key, in order, and as many events as it is told. */
  function welcome() {
    const isQuiet = decisions.length === 0;
    const stream = connect(hub, "", undefined, { user: "ann" });
    const { replayed, pos } = stream.hello() as { replayed: number; pos: string };
    const ids = stream.received().map(({ id }) => positionOf(id!));
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    const first = ids.filter((id) => id <= Number.parseInt(pos, 36));
    if (isQuiet) expect(first).toHaveLength(replayed);
    if (options.initial === undefined && isQuiet) {
      const states = first.map((position) => `${log[position - 1]!.channel} ${log[position - 1]!.key}`);
      expect(states).toEqual([...new Set(states)]);
    }
    stream.res.leave();
  }

  for (const next of steps) {
    if (next.do === "publish") publish(next);
    else if (next.do === "echo") nested.push(() => publish(next));
    else if (next.do === "decide") decisions.push(() => publish(next));
    else if (next.do === "tick") environment.endTick();
    else if (next.do === "wait") environment.advance(20_000);
    else if (next.do === "newcomer") welcome();
    else if (next.do === "poll") poller.held ??= ask("");
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
    takePoll();
    // What a stream has said it has been written, it has been.
    for (const client of clients) checkClient(client, log, client.cursor);
  }

  nested.length = 0;
  decisions.length = 0;
  environment.advance(30_000);
  takePoll();
  do {
    poller.held = ask("&wait=0");
    takePoll();
  } while (poller.cursor < log.length);
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
    environment.advance(15_000);
    client.take();
    expect(client.cursor).toBe(log.length);
    expect([...client.pending.keys()]).toEqual([]);
    checkClient(client, log, log.length);
  }
  checkPoller(poller, log);
  return { clients, poller };
}

function isReplaced(log: readonly Logged[], position: number): boolean {
  const { key, channel, to } = log[position - 1]!;
  return (
    key !== undefined &&
    log.slice(position).some((each) => each.key === key && each.channel === channel && each.to === to)
  );
}

function isExcused(excuses: readonly Excuse[], channel: string, position: number): boolean {
  return excuses.some(
    (each) =>
      (each.channel === "**" || nameOf(each.channel) === nameOf(channel)) &&
      position > each.from &&
      position <= each.to,
  );
}

/** It has everything up to here of what it has confirmed and of its mail, or it was told. */
function checkClient(client: ReturnType<typeof createClient>, log: readonly Logged[], upTo: number) {
  const { user } = client;
  const missing = (has: ReadonlySet<number>, isDue: (each: Logged, position: number) => boolean) =>
    log.slice(0, upTo).flatMap((each, index) => {
      const position = index + 1;
      const isFor = each.to === undefined || each.to === "all" || each.to === user;
      const isMissing = isFor && isAllowed(user, position) && isDue(each, position) && !has.has(position);
      return isMissing && !isReplaced(log, position) && !isExcused(client.excused, each.channel, position)
        ? [position]
        : [];
    });
  expect(missing(client.mail, ({ to }) => to !== undefined)).toEqual([]);
  for (const channel of CHANNELS) {
    const name = nameOf(channel);
    const got = client.got.filter((each) => each.channel === channel).map(({ position }) => position);
    expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
    const startedAt = client.startedAt.get(name);
    if (startedAt === undefined || !client.confirmed.has(name)) continue;
    const isDue = (each: Logged, position: number) => each.channel === channel && position > startedAt;
    expect(missing(new Set(got), isDue)).toEqual([]);
  }
}

function checkPoller({ got, excused }: { got: readonly number[]; excused: readonly Excuse[] }, log: readonly Logged[]) {
  const user = USERS[0];
  expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
  const due = log.flatMap(({ channel, to }, index) => {
    const isFor = to === undefined ? POLLED.includes(channel) : to === "all" || to === user;
    return isFor && isAllowed(user, index + 1) ? [index + 1] : [];
  });
  expect(got.filter((position) => !due.includes(position))).toEqual([]);
  const isOwed = (position: number) =>
    !got.includes(position) && !isReplaced(log, position) && !isExcused(excused, log[position - 1]!.channel, position);
  expect(due.filter(isOwed)).toEqual([]);
}

describe("everything at once", () => {
  // SPEC 16, 17, 44, 45, 50, 88, 92, 93, 95, 97, 100, 101, 141
  it("leaves each stream and poll with what is for it and allowed, once and in order, or with a gap", {
    timeout: 120_000,
  }, () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 100 }),
        fc.record({
          history: fc.record({ size: fc.integer({ min: 1, max: 12 }) }),
          historyBytes: fc.constantFrom(6_000, 30_000, 1_000_000),
          userHistoryBytes: fc.constantFrom(6_000, 30_000, 1_000_000),
          replayMax: fc.constantFrom(5, 1_000),
          initial: fc.constantFrom(undefined, "none" as const, "last" as const, 2),
          visibleHeartbeat: fc.boolean(),
        }),
        fc.nat({ max: 1_000 }),
        (steps, options, cutAt) => {
          run(steps, options as HubOptions, cutAt);
        },
      ),
      { numRuns: 1_500 },
    );
  });

  // SPEC 18, 141
  it("leaves nobody with a gap while everything is kept", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.nat({ max: 1_000 }), (steps, cutAt) => {
        const always = steps.map((each) => ("since" in each ? { ...each, since: true } : each));
        const { clients, poller } = run(always, { history: { ttlMs: null } }, cutAt);
        for (const { excused } of [...clients, poller]) expect(excused).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
