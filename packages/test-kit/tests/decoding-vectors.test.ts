import { describe, expect, test } from "vitest";
import { cutAtEveryByte, decodingVectors, oneByteAtATime } from "../src/decoding-vectors.ts";
import { referenceDecoder } from "./reference-decoder.ts";

describe("decoding vectors", () => {
  test.each(decodingVectors)("$name", ({ bytes, events, cursor, retryMs }) => {
    expect(referenceDecoder(bytes)).toEqual({ events, cursor, ...(retryMs === undefined ? {} : { retryMs }) });
  });

  test("there are at least 60", () => {
    expect(decodingVectors.length).toBeGreaterThanOrEqual(60);
  });

  test("names are unique", () => {
    const names = decodingVectors.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test("streams are unique", () => {
    const streams = decodingVectors.map(({ bytes }) => Buffer.from(bytes).toString("latin1"));
    expect(decodingVectors.filter((_, index) => streams.indexOf(streams[index]!) !== index)).toEqual([]);
  });

  test("every vector names its rule", () => {
    expect(decodingVectors.filter(({ clause }) => clause === "")).toEqual([]);
  });

  test("no type is one of the protocol's own", () => {
    const types = decodingVectors.flatMap(({ events }) => events.map(({ type }) => type));
    expect(types.filter((type) => type.startsWith("sse."))).toEqual([]);
  });
});

describe("cutting a stream", () => {
  test("cutAtEveryByte cuts at every place, both ends included", () => {
    const cuts = [...cutAtEveryByte(Uint8Array.of(1, 2))].map((chunks) => chunks.map((chunk) => [...chunk]));
    expect(cuts).toEqual([
      [[], [1, 2]],
      [[1], [2]],
      [[1, 2], []],
    ]);
  });

  test("cutAtEveryByte of nothing is one empty pair", () => {
    expect([...cutAtEveryByte(new Uint8Array())]).toEqual([[new Uint8Array(), new Uint8Array()]]);
  });

  test("oneByteAtATime gives each byte its chunk", () => {
    expect(oneByteAtATime(Uint8Array.of(7, 8, 9))).toEqual([Uint8Array.of(7), Uint8Array.of(8), Uint8Array.of(9)]);
  });

  test("chunks do not share the stream's buffer", () => {
    const bytes = Uint8Array.of(1, 2);
    for (const chunks of [...cutAtEveryByte(bytes), oneByteAtATime(bytes)]) {
      for (const chunk of chunks) chunk.fill(0);
    }
    expect([...bytes]).toEqual([1, 2]);
  });
});
