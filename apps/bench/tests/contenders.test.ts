import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Contender } from "../src/contender.ts";
import { contenderNames, contenders } from "../src/contenders.ts";
import { createEventStream, createQuotes, type Quotes } from "../src/event-stream.ts";
import { measure } from "../src/measure.ts";
import { startStreamServer } from "../src/stream-server.ts";

// More than one write's worth, so that events are cut in pieces.
const EVENTS = 500;
const DATA_BYTES = 300;

let running: Awaited<ReturnType<typeof startStreamServer>>;
beforeAll(async () => {
  running = await startStreamServer(createEventStream(DATA_BYTES, EVENTS));
});
afterAll(() => {
  running.server.closeAllConnections();
  running.server.close();
});

describe.each(contenderNames)("%s", (name) => {
  it("delivers every event's data, in order, and then ends", async () => {
    const received: Quotes[] = [];
    const contender: Contender = await contenders[name]();
    await contender.read(running.url, (quotes) => received.push(quotes));
    expect(received).toEqual(Array.from({ length: EVENTS }, (_, index) => createQuotes(index + 1, DATA_BYTES)));
  });
});

describe("measure", () => {
  const deliver = (...seqs: number[]): Contender => ({
    read: async (_, onQuotes) => seqs.forEach((seq) => void onQuotes({ seq, rows: [], pad: "" })),
  });

  it.each([
    ["too few", [1, 2]],
    ["too many", [1, 2, 3, 3]],
    ["disorder", [1, 3, 2]],
  ])("refuses %s", async (_, seqs) => {
    await expect(measure(deliver(...seqs), "", 3)).rejects.toThrow("3 events were sent");
  });

  it("accepts what is complete", async () => {
    expect((await measure(deliver(1, 2, 3), "", 3)).cpuMicros).toBeGreaterThanOrEqual(0);
  });
});

it.each([150, 300, 2_000])("data of %i bytes is that long", (dataBytes) => {
  for (const seq of [1, 999_999])
    expect(Buffer.byteLength(JSON.stringify(createQuotes(seq, dataBytes)))).toBe(dataBytes);
});
