import { describe, expect, test } from "vitest";
import { defineChannels, snapshot } from "../src/index.ts";
import { createLoads } from "./support/loads.ts";
import { passAfter } from "./support/pass-after.ts";
import { watchRejections } from "./support/rejections.ts";
import { createTestClient, frame, hello } from "./support/test-client.ts";

const noop = () => {};
const gapTo = (to: string) => frame("sse.gap", { channels: ["a"], reason: "trimmed", from: "abc123.0", to });

// SPEC 70
test("a snapshot does not overtake an older message that is still being decoded", async () => {
  interface Price {
    readonly name: string;
    readonly version: string;
  }
  let pass = noop;
  const schema = passAfter<Price>(({ version }) => {
    if (version === "old") return new Promise<void>((resolve) => (pass = resolve));
  });
  const { client, open, settle } = createTestClient({
    channels: defineChannels({ a: { schema, key: ({ name }: Price) => name } }),
    snapshots: { a: snapshot<Price>(() => ({ data: [{ name: "x", version: "new" }], id: "abc123.5" })) },
  });
  client.channel("a").on(noop);
  const request = await open();
  request.push(hello() + frame("a", { name: "x", version: "old" }, "abc123.1"));
  await settle();
  request.push(gapTo("abc123.5"));
  await settle();
  expect([...client.channel("a").state.get()]).toEqual([]);
  pass();
  await settle();
  await settle();
  expect(client.channel("a").state.get().get("x")).toEqual({ name: "x", version: "new" });
});

// SPEC 72
describe("a loader that fails", () => {
  test("is tried again by a handler that subscribes while what waited is delivered, and the rest waits again", async () => {
    const { loads, load } = createLoads();
    const { client, open, settle } = createTestClient({ snapshots: { a: snapshot(load) } });
    const received: unknown[] = [];
    client.channel("a").on(({ data }) => {
      received.push(data);
      if (received.length === 1) client.channel("a").on(noop);
    });
    const request = await open();
    request.push(hello({ resume: "gap" }) + gapTo("abc123.5"));
    await settle();
    request.push(frame("a", "m6", "abc123.6"));
    await settle();
    loads[0]?.reject(new Error("not now"));
    await settle();
    expect(received).toEqual(["m6"]);
    expect(loads).toHaveLength(2);
    request.push(frame("a", "m7", "abc123.7"));
    await settle();
    loads[1]?.resolve({ data: ["S6"], id: "abc123.6" });
    await settle();
    expect(received).toEqual(["m6", "S6", "m7"]);
  });

  test("and closes the client, as on signing out, leaves no rejection unhandled", async () => {
    const unhandled = watchRejections();
    let close = noop;
    const load = () => {
      close();
      throw new Error("signed out");
    };
    const { client, open, settle } = createTestClient({ snapshots: { a: snapshot(load, { onSubscribe: true }) } });
    ({ close } = client);
    client.channel("a").on(noop);
    (await open()).push(hello());
    await settle();
    expect(client.status.get().status).toBe("closed");
    expect(await unhandled()).toEqual([]);
  });
});

// SPEC 73
test("a link that breaks again and again, and a gap told again by every stream, do not begin the load anew", async () => {
  const { loads, load } = createLoads();
  const { client, environment, open, settle } = createTestClient({ snapshots: { a: snapshot(load) } });
  environment.setRandom(0);
  client.channel("a").on(noop);
  for (let time = 0; time < 4; time++) {
    const request = await open();
    request.push(hello({ resume: "gap" }) + gapTo("abc123.5"));
    await settle();
    request.breakBody();
    await settle();
  }
  expect(loads).toHaveLength(1);
  expect(loads[0]?.signal.aborted).toBe(false);
});
