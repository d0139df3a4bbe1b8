import { setImmediate as nextTick } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { cleanUp, serveHub, type Target, targets } from "./support/live-server.ts";
import { createTestHub } from "./support/test-hub.ts";

afterEach(cleanUp);

describe.each(Object.keys(targets) as Target[])("over a socket of hub.%s", (target) => {
  // SPEC 102
  it("a peer that is not dropped goes on where it can when it reads again", { timeout: 30_000 }, async () => {
    const slow = { policy: "skip", stallMs: 1_000, maxBufferedBytes: 65_536 } as const;
    const { hub, environment } = createTestHub({ slow });
    const client = await (await serveHub(target, hub)).open();
    client.response.pause();
    // More than the buffers of the operating system hold.
    for (let index = 0; index < 20_000; index++) {
      void hub.publish("a", "x".repeat(1_000));
      if (index % 20 > 0) continue;
      environment.advance(100);
      await nextTick();
    }
    environment.advance(100_000);
    const { bufferedBytes, bytes, connections } = hub.stats();
    expect(connections).toBe(1);
    expect(bytes).toBeLessThan(10_000_000);
    expect(bufferedBytes).toBeLessThan(2 * 65_536 + 1_100);
    client.response.resume();
    await client.until((text) => text.includes("event: sse.gap"));
    void hub.publish("a", "end");
    environment.endTick();
    await client.until((text) => text.includes('"end"'));
    expect(hub.stats()).toMatchObject({ slowDisconnects: 0, gaps: { slow: 1 } });
  });
});
