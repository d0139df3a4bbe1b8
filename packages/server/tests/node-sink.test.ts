import { describe, expect, it } from "vitest";
import { openNodeSink } from "../src/node-sink.ts";
import { createFakeResponse } from "./support/fake-response.ts";

const bytes = new Uint8Array([1, 2, 3]);

function createCorkedResponse() {
  const calls: string[] = [];
  const socket = { cork: () => calls.push("cork"), uncork: () => calls.push("uncork") };
  const res = Object.assign(createFakeResponse(), { socket });
  const { write } = res;
  res.write = (chunk) => {
    calls.push("write");
    return write(chunk);
  };
  return { res, calls };
}

describe("the sink of a Node response", () => {
  it("lets the socket go on although a write throws", () => {
    const { res, calls } = createCorkedResponse();
    res.write = () => {
      throw new Error("broken");
    };
    expect(() => openNodeSink(res, 1).write(bytes)).toThrow("broken");
    expect(calls).toEqual(["cork", "uncork"]);
  });

  it("has the pieces of a chunk leave together and at once", () => {
    const { res, calls } = createCorkedResponse();
    openNodeSink(res, 1).write(bytes);
    expect(calls).toEqual(["cork", "write", "uncork"]);
  });

  it("leaves the socket of HTTP/2 alone, which is that of all streams", () => {
    const { res, calls } = createCorkedResponse();
    openNodeSink(res, 2).write(bytes);
    expect(calls).toEqual(["write"]);
  });

  it("listens for room from the first write on that leaves none, and for nothing once it is released", () => {
    const res = createFakeResponse();
    const sink = openNodeSink(res, 1);
    let drains = 0;
    sink.listen({ onClose() {}, onDrain: () => drains++ });
    sink.write(bytes);
    const atRest = res.listeners;
    res.stalled = true;
    sink.write(bytes);
    sink.write(bytes);
    expect(res.listeners).toBe(atRest + 1);
    res.drain();
    expect(drains).toBe(1);
    sink.release();
    expect(res.listeners).toBe(0);
  });
});
