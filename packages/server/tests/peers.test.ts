import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { EventSource } from "eventsource";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createHub, type Hub } from "../src/index.ts";
import { fetchHttp2 } from "./support/http2-fetch.ts";
import { cleanUp, onCleanUp } from "./support/live-server.ts";
import { MOUNTS, type MountName, mount } from "./support/mounts.ts";

afterEach(cleanUp);

const soon = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 5_000 });

describe.each(MOUNTS)("the example for %s", (name) => {
  async function serve() {
    const hub: Hub = createHub({ epoch: "epoch0", retryMs: [10, 10] });
    return { hub, ...(await mount(name, hub)) };
  }

  // SPEC 124
  it("is read by the EventSource of a package, which comes back without a loss", async () => {
    const { hub, url, sockets } = await serve();
    const source = new EventSource(`${url}?channels=news`, name === "node:http2" ? { fetch: fetchHttp2 } : {});
    onCleanUp(() => source.close());
    let opened = 0;
    source.onopen = () => opened++;
    const received: [data: string, id: string][] = [];
    source.addEventListener("news", ({ data, lastEventId }) => received.push([data, lastEventId]));
    await soon(() => expect([opened, hub.connectionCount]).toEqual([1, 1]));
    const expected: typeof received = [];
    for (let round = 1; round <= 3; round++) {
      const { id } = await hub.publish("news", round);
      expected.push([`${round}`, id]);
      await soon(() => expect(received).toEqual(expected));
      for (const socket of sockets) socket.destroy();
      // Nobody has noticed yet.
      const missed = await hub.publish("news", -round);
      expected.push([`${-round}`, missed.id]);
      await soon(() => expect(received).toEqual(expected));
    }
    source.close();
    await soon(() => expect(hub.connectionCount).toBe(0));
    expect(opened).toBe(4);
  });

  // SPEC 124
  it("is read by curl, event by event", async () => {
    const { hub, url } = await serve();
    await hub.publish("news", "missed");
    const { process, output } = await curl(name, "--compressed", "-i", "-H", "Last-Event-ID: epoch0.0", url);
    await soon(() => expect(output()).toContain('data: "missed"\n'));
    expect(output()).toMatch(name === "node:http2" ? /^HTTP\/2 200/ : /^HTTP\/1\.1 200/);
    for (let count = 1; count <= 3; count++) {
      await hub.publish("news", count);
      await soon(() => expect(output()).toContain(`data: ${count}\n`));
    }
    process.kill();
    await soon(() => expect(hub.connectionCount).toBe(0));
  });

  // SPEC 124
  it("ends a stream so that curl is content", async () => {
    const { hub, url } = await serve();
    const { process, output } = await curl(name, url);
    await soon(() => expect(output()).toContain("sse.hello"));
    const exited = once(process, "exit");
    await hub.close({ spreadMs: 0 });
    expect(await exited).toEqual([0, null]);
    expect(output()).toContain("event: sse.bye\n");
  });
});

/** Runs curl, which must be there. */
async function curl(name: MountName, ...args: string[]): Promise<{ process: ChildProcess; output: () => string }> {
  const version = name === "node:http2" ? "--http2-prior-knowledge" : "--http1.1";
  const process = spawn("curl", ["--no-buffer", "--silent", "--show-error", "--noproxy", "*", version, ...args]);
  onCleanUp(() => process.kill());
  let output = "";
  process.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  await once(process, "spawn").catch(() => {
    throw new Error("This test needs curl on the PATH; install it, on Debian with `apt-get install curl`.");
  });
  return { process, output: () => output };
}
