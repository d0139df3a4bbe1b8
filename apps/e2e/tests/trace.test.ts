import { describe, expect, test } from "vitest";
import { faultsOf, type Trace, type TracedGap, type TracedMessage } from "./support/trace.ts";

/*
 * The checker of the resume property is only worth something if it objects. Each trace here is wrong in one way.
 */

const a = (position: number, run = 0): TracedMessage => ({ channel: "a", run, position, value: `${run}.${position}` });
const b = (position: number, run = 0): TracedMessage => ({ ...a(position, run), channel: "b" });
const gap = (from: number, to: number, change: Partial<TracedGap> = {}): TracedGap => ({
  channels: ["a"],
  reason: "trimmed",
  from: { run: 0, position: from },
  to: { run: 0, position: to },
  at: 0,
  stream: 1,
  ...change,
});
const good: Trace = {
  published: [a(1), b(2), a(3), b(4), a(5)],
  received: [a(1), b(2), a(3), b(4), a(5)],
  gaps: [],
  channels: ["a", "b"],
  begin: { run: 0, position: 0 },
  replayMax: 1_000,
};
const faultsWith = (change: Partial<Trace>) => faultsOf({ ...good, ...change });

describe("the checker is content with", () => {
  test.each<[string, Partial<Trace>]>([
    ["everything delivered once, in order", {}],
    ["a loss that was signalled before what follows", { received: [b(2), b(4), a(5)], gaps: [gap(0, 4)] }],
    [
      "a loss at the end that was signalled after all the rest",
      {
        received: [a(1), b(2), a(3), b(4)],
        gaps: [gap(4, 5, { at: 4 })],
      },
    ],
    ["a gap of which a part was delivered nevertheless", { received: [b(2), a(3), b(4), a(5)], gaps: [gap(0, 4)] }],
    ["what was missed before the subscription began", { received: [b(4), a(5)], begin: { run: 0, position: 3 } }],
    ["no subscription at all", { received: [], begin: null }],
    ["the loss of a channel nobody subscribed to", { received: [a(1), a(3), a(5)], channels: ["a"] }],
    [
      "a restart that lost the end of one run and the start of the next",
      {
        published: [a(1), b(2), a(3), a(1, 1), b(2, 1)],
        received: [a(1), b(2), b(2, 1)],
        gaps: [gap(2, 0, { reason: "epoch", channels: ["a", "b"], to: { run: 1, position: 1 }, at: 2 })],
      },
    ],
    [
      "an epoch gap in which nothing was lost",
      {
        gaps: [gap(5, 0, { reason: "epoch", to: { run: 1, position: 0 }, at: 5 })],
      },
    ],
    [
      "a replay limit that was exceeded",
      { received: [a(1), b(2), b(4)], replayMax: 1, gaps: [gap(1, 5, { reason: "replay-limit" })] },
    ],
    [
      "a gap told again by the next stream",
      {
        received: [b(2), b(4), a(5)],
        gaps: [gap(0, 4), gap(0, 4, { stream: 2 })],
      },
    ],
    [
      "two losses of one channel in one stream",
      {
        received: [b(2), b(4), a(5)],
        gaps: [gap(0, 2), gap(2, 4, { reason: "slow", at: 1 })],
      },
    ],
    ["a forgotten channel without a loss", { gaps: [gap(0, 5, { reason: "forgotten" })] }],
  ])("%s", (_, change) => {
    expect(faultsWith(change)).toEqual([]);
  });
});

describe("the checker objects to", () => {
  test.each<[string, Partial<Trace>, string[]]>([
    ["a message delivered twice in a row", { received: [a(1), b(2), b(2), a(3), b(4), a(5)] }, ["duplicate: b 0.2"]],
    [
      "a message delivered again later",
      { received: [a(1), b(2), a(3), b(4), a(5), a(3)] },
      ["duplicate: a 0.3", "reordered: a 0.3 came after a 0.5"],
    ],
    [
      "two messages of one channel exchanged",
      { received: [a(3), b(2), a(1), b(4), a(5)] },
      ["reordered: b 0.2 came after a 0.3", "reordered: a 0.1 came after b 0.2"],
    ],
    [
      "two messages of two channels exchanged",
      { received: [b(2), a(1), a(3), b(4), a(5)] },
      ["reordered: a 0.1 came after b 0.2"],
    ],
    [
      "a message of an earlier run after one of a later run",
      {
        published: [a(1), a(1, 1)],
        received: [a(1, 1), a(1)],
      },
      ["reordered: a 0.1 came after a 1.1"],
    ],
    ["a loss in the middle", { received: [a(1), b(2), b(4), a(5)] }, ["lost without a signal: a 0.3"]],
    ["a loss at the end", { received: [a(1), b(2), a(3), b(4)] }, ["lost without a signal: a 0.5"]],
    ["a loss of the first message", { received: [b(2), a(3), b(4), a(5)] }, ["lost without a signal: a 0.1"]],
    [
      "a loss signalled for another channel",
      {
        received: [a(1), a(3), b(4), a(5)],
        gaps: [gap(0, 4, { reason: "forgotten" })],
      },
      ["lost without a signal: b 0.2"],
    ],
    [
      "a loss just before the signalled ones",
      { received: [b(2), b(4), a(5)], gaps: [gap(1, 4)] },
      ["lost without a signal: a 0.1"],
    ],
    [
      "a loss just after the signalled ones",
      { received: [b(2), b(4)], gaps: [gap(0, 4)] },
      ["lost without a signal: a 0.5"],
    ],
    [
      "a loss across a restart without a signal",
      {
        published: [a(1), a(2), a(1, 1)],
        received: [a(1), a(1, 1)],
      },
      ["lost without a signal: a 0.2"],
    ],
    [
      "a signal that comes after the loss was passed over",
      {
        received: [a(1), b(2), b(4), a(5)],
        gaps: [gap(1, 4, { at: 4 })],
      },
      ["signalled too late: a 0.3 was passed over before its gap (trimmed)"],
    ],
    [
      "a trimmed gap without a loss",
      { gaps: [gap(0, 5)] },
      ["gap without loss: nothing of a is missing for the trimmed gap of a up to 0.5"],
    ],
    [
      "a slow gap without a loss",
      { gaps: [gap(0, 5, { reason: "slow" })] },
      ["gap without loss: nothing of a is missing for the slow gap of a up to 0.5"],
    ],
    [
      "a gap of two channels of which one lost nothing",
      { received: [a(1), b(2), b(4), a(5)], gaps: [gap(1, 5, { channels: ["a", "b"] })] },
      ["gap without loss: nothing of b is missing for the trimmed gap of a,b up to 0.5"],
    ],
    [
      "a gap told twice by one stream",
      { received: [b(2), b(4), a(5)], gaps: [gap(0, 4), gap(1, 4, { reason: "slow" })] },
      ["gap told twice: all that is missing of a for the slow gap of a up to 0.4"],
    ],
    [
      "an epoch gap within one epoch",
      { gaps: [gap(0, 5, { reason: "epoch" })] },
      ["gap without reason: epoch gap of a up to 0.5 is within one epoch"],
    ],
    [
      "a replay limit that was not reached",
      { gaps: [gap(0, 5, { reason: "replay-limit" })] },
      ["gap without reason: replay-limit gap of a up to 0.5, but only 3 were missed"],
    ],
    [
      "a gap for a position the client never made up",
      { gaps: [gap(0, 5, { reason: "bad-id", from: null })] },
      ["gap without reason: bad-id gap of a up to 0.5"],
    ],
    [
      "a gap for a channel nobody subscribed to",
      { channels: ["b"], received: [b(2), b(4)], gaps: [gap(0, 5)] },
      ["gap without need: trimmed gap of a up to 0.5 names a, which nobody subscribed to"],
    ],
    [
      "a message that was never published",
      { received: [a(1), b(2), a(3), b(4), a(5), a(6)] },
      ["phantom: a 0.6 was never published like that"],
    ],
    [
      "a message with another's data",
      { received: [{ ...a(1), value: "other" }, b(2), a(3), b(4), a(5)] },
      ["phantom: a 0.1 was never published like that"],
    ],
    [
      "a message on another's channel",
      { received: [b(1), b(2), a(3), b(4), a(5)] },
      ["phantom: b 0.1 was never published like that"],
    ],
  ])("%s", (_, change, expected) => {
    expect(faultsWith(change)).toEqual(expected);
  });
});
