import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFakeResponse } from "./support/fake-response.ts";
import { connect, createTestHub, type FakeStream } from "./support/test-hub.ts";

const CHANNELS = ["a", "b", "c/1", "c/2"];

/** One step of a history: things that happen to the hub or to the one client that is watched. */
type Step =
  | { readonly do: "publish"; readonly channel: string; readonly size: number; readonly state: string | undefined }
  | { readonly do: "tick" | "wait" | "stall" | "read" | "cut" | "reconnect" | "echo" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      channel: fc.constantFrom(...CHANNELS),
      size: fc.constantFrom(1, 1, 1, 500, 5_000),
      // Of what it is the newest state, if it is one.
      state: fc.constantFrom(undefined, undefined, "x", "y"),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ do: "tick" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("wait", "stall", "read", "cut", "reconnect", "echo" as const) }),
  },
);

const subscriptions = [[], ["a"], ["a", "b"], ["c/*"], ["a", "c/*"], ["**"]];

function stateOptions(state: string | undefined) {
  return state === undefined ? {} : { latest: true, key: state };
}

function listens(channels: readonly string[], channel: string): boolean {
  return (
    channels.length === 0 ||
    channels.some((own) => own === "**" || own === channel || (own === "c/*" && channel.startsWith("c/")))
  );
}

interface GapSeen {
  readonly channels: string[];
  readonly reason: string;
  readonly to: string;
}

/** The client of the contract: follows ids, and notes per channel up to where gaps excuse it. */
function createClient(channels: readonly string[]) {
  let cursor: number | undefined;
  let read = 0;
  const got: number[] = [];
  const excused: { channel: string; from: number; to: number }[] = [];

  return {
    got,
    excused,
    get cursor() {
      return cursor;
    },
    /** Takes what has arrived; `upTo` is how many bytes of it survived. */
    take(stream: FakeStream, ...[limit]: [number?]) {
      const text = limit === undefined ? stream.res.text : stream.res.text.slice(0, limit);
      const blocks = text
        .slice(0, text.lastIndexOf("\n\n") + 2)
        .split("\n\n")
        .slice(0, -1);
      for (const block of blocks.slice(read)) {
        const field = (name: string) =>
          block
            .split("\n")
            .find((line) => line.startsWith(`${name}: `))
            ?.slice(name.length + 2);
        const [id, event, data] = [field("id"), field("event"), field("data")];
        const position = id === undefined ? undefined : Number.parseInt(id.split(".")[1]!, 36);
        if (event === "sse.gap") {
          const gap = JSON.parse(data!) as GapSeen;
          const to = Number.parseInt(gap.to.split(".")[1]!, 36);
          for (const channel of gap.channels) excused.push({ channel, from: cursor ?? 0, to });
        } else if (event !== undefined && !event.startsWith("sse.")) {
          expect(listens(channels, event)).toBe(true);
          expect(position).toBeGreaterThan(cursor ?? 0);
          got.push(position!);
        } else if (event === "sse.hello") {
          const hello = JSON.parse(data!) as { resume: string; replayed: number; pos: string };
          if (hello.resume === "fresh" && hello.replayed === 0) cursor = Number.parseInt(hello.pos, 36);
        }
        if (position !== undefined) {
          expect(position).toBeGreaterThanOrEqual(cursor ?? 0);
          cursor = position;
        }
      }
      read = blocks.length;
    },
    restart() {
      read = 0;
    },
  };
}

describe("a client that follows the contract", () => {
  // SPEC 16, 17, 19, 26, 100
  it("sees every event nobody replaced exactly once in order, or is told that it did not", { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        fc.constantFrom(...subscriptions),
        fc.record({
          size: fc.integer({ min: 1, max: 12 }),
          historyBytes: fc.constantFrom(6_000, 30_000, 1_000_000),
          replayMax: fc.constantFrom(5, 1_000),
        }),
        fc.nat({ max: 1_000 }),
        (steps, channels, { size, historyBytes, replayMax }, cutAt) => {
          const { hub, environment } = createTestHub({
            history: { size },
            historyBytes,
            replayMax,
            slow: { maxBufferedBytes: 4_000 },
          });
          const query = channels.length === 0 ? "" : `?channels=${channels.join()}`;
          const client = createClient(channels);
          const published: { channel: string; state: string | undefined }[] = [];
          const open = () =>
            connect(
              hub,
              query,
              client.cursor === undefined ? undefined : `epoch0.${client.cursor.toString(36)}`,
              undefined,
              createFakeResponse(),
            );
          const publish = (channel: string, size: number, state?: string) => {
            published.push({ channel, state });
            void hub.publish(channel, "x".repeat(size), stateOptions(state));
          };
          const isReplaced = ({ channel, state }: (typeof published)[number], index: number) =>
            state !== undefined &&
            published.some((each, at) => at > index && each.channel === channel && each.state === state);
          // Is written to before the watched client, and now and then publishes from inside that.
          const neighbour = createFakeResponse();
          const { write } = neighbour;
          let echoes = 0;
          neighbour.write = (chunk) => {
            if (echoes > 0) publish(CHANNELS[echoes-- % CHANNELS.length]!, 5_000);
            return write(chunk);
          };
          connect(hub, query, undefined, undefined, neighbour);
          let stream = open();
          client.take(stream);
          const startedAt = client.cursor ?? 0;

          function reconnect(bytes?: number) {
            stream.res.leave();
            client.take(stream, bytes);
            client.restart();
            stream = open();
          }

          for (const next of steps) {
            if (next.do === "publish") publish(next.channel, next.size, next.state);
            else if (next.do === "echo") echoes += 2;
            else if (next.do === "tick") environment.endTick();
            else if (next.do === "wait") environment.advance(20_000);
            else if (next.do === "stall") stream.res.stalled = true;
            else if (next.do === "read") stream.res.drain();
            else if (next.do === "cut") reconnect(Math.floor((stream.res.text.length * cutAt) / 1_000));
            else reconnect();
          }
          stream.res.drain();
          environment.endTick();
          if (stream.res.destroyed) reconnect();
          client.take(stream);

          const excuses = (channel: string, position: number) =>
            client.excused.filter(
              ({ channel: name, from, to }) => listens([name], channel) && position > from && position <= to,
            ).length;
          published.forEach((each, index) => {
            const { channel } = each;
            const position = index + 1;
            if (position <= startedAt || !listens(channels, channel)) return;
            const times = client.got.filter((each) => each === position).length;
            expect(times).toBeLessThanOrEqual(1);
            if (times === 0 && !isReplaced(each, index)) expect(excuses(channel, position)).toBeGreaterThanOrEqual(1);
          });
          expect(client.got).toEqual([...client.got].sort((a, b) => a - b));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  // SPEC 18, 100
  it("gets no gap while the history is long enough and nothing was forgotten", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom(...subscriptions), (steps, channels) => {
        const { hub, environment } = createTestHub({ slow: { maxBufferedBytes: 4_000 }, history: { ttlMs: null } });
        const query = channels.length === 0 ? "" : `?channels=${channels.join()}`;
        let stream = connect(hub, query);
        for (const next of steps) {
          if (next.do === "publish") void hub.publish(next.channel, "x".repeat(next.size), stateOptions(next.state));
          else if (next.do === "tick") environment.endTick();
          else if (next.do === "stall") stream.res.stalled = true;
          else if (next.do === "read") stream.res.drain();
          else if (next.do === "reconnect") {
            stream.res.leave();
            expect(stream.gaps()).toEqual([]);
            stream = connect(hub, query, stream.parse().lastEventId);
          }
        }
        expect(stream.gaps()).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
