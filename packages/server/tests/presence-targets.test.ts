import { afterEach, describe, expect, it, vi } from "vitest";
import type { HubOptions } from "../src/index.ts";
import { createFakeResponse, streamRequest } from "./support/fake-response.ts";
import { cleanUp, connOf, onCleanUp, serveHub, type Target } from "./support/live-server.ts";
import { presenceView } from "./support/presence-view.ts";
import { createTestHub } from "./support/test-hub.ts";

afterEach(cleanUp);

async function open(target: Target, options: HubOptions = {}) {
  const { hub, environment } = createTestHub({
    presence: ["room", "chat/*"],
    presenceDelayMs: 2_000,
    authorize: ({ query }) => ({ user: query.get("user") ?? "u" }),
    ...options,
  });
  onCleanUp(async () => {
    const closed = hub.close({ spreadMs: 0 });
    environment.advance(60_000);
    await closed;
  });
  return { hub, environment, live: await serveHub(target, hub) };
}

describe.each(["node", "fetch"] as const)("presence behind the %s target", (target) => {
  // SPEC 110, 111, 113
  it("tells who comes, who is there and, after the delay, who has left", async () => {
    const { hub, environment, live } = await open(target);
    const first = await live.open("?user=a&channels=room");
    const second = await live.open("?user=b&channels=room");
    expect(presenceView(second.parse()).get("room")).toEqual({ users: ["a", "b"], count: 2 });
    environment.endTick();
    await first.until((text) => text.includes('{"channel":"room","type":"join","user":"b"}'));
    second.destroy();
    await vi.waitFor(() => expect(hub.connectionCount).toBe(1));
    expect(hub.presence("room")).toEqual(["a", "b"]);
    environment.advance(2_000);
    await first.until((text) => text.includes('{"channel":"room","type":"leave","user":"b"}'));
    expect(presenceView(first.parse()).get("room")).toEqual({ users: ["a"], count: 1 });
  });

  // SPEC 114
  it("follows a change of channels", async () => {
    const { hub, environment, live } = await open(target);
    const other = await live.open("?user=a&channels=chat/1");
    const client = await live.open("?user=u&channels=room");
    expect((await live.change({ conn: connOf(client), subscribe: ["chat/1"] }).reply).status).toBe(200);
    await client.until((text) => text.includes('{"type":"list","presence":{"room":["u"],"chat/1":["a","u"]}}'));
    environment.endTick();
    await other.until((text) => text.includes('{"channel":"chat/1","type":"join","user":"u"}'));
    expect(hub.presence("chat/1")).toEqual(["a", "u"]);
  });
});

// SPEC 111
it("a client that was gone before its first byte has come and left", () => {
  const { hub, environment } = createTestHub({ presence: ["room"], presenceDelayMs: 2_000 });
  const res = createFakeResponse();
  res.write = () => {
    throw new Error("gone");
  };
  hub.node(streamRequest("?channels=room"), res, { user: "u" });
  expect(hub.connectionCount).toBe(0);
  environment.advance(2_000);
  expect(hub.presence("room")).toEqual([]);
  expect(environment.pending).toBe(0);
});
