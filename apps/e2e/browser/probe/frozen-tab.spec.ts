import type { Probe } from "../support/probe.ts";
import { expect, test } from "../support/probe-test.ts";
import type { RealTabs } from "../support/real-tabs.ts";
import type { StreamServer } from "../support/stream-server.ts";

const HEARTBEAT_MS = 1_000;
/** Longer than a stream may be silent, 2.5 heartbeats, before it is replaced. */
const FROZEN_MS = 3 * HEARTBEAT_MS;

test.use({ hubOptions: { heartbeatMs: HEARTBEAT_MS } });

/** Has the tab frozen while events flow; `meanwhile` happens soon after it was. */
async function freeze(realTabs: RealTabs, { page }: Probe, server: StreamServer, meanwhile = () => {}) {
  const stop = server.publishEvery(20);
  const frozenAt = performance.now();
  await realTabs.setFrozen(page, true);
  await expect.poll(() => server.log.length).toBeGreaterThan(20);
  meanwhile();
  await expect.poll(() => performance.now() - frozenAt, { intervals: [100] }).toBeGreaterThan(FROZEN_MS);
  await realTabs.setFrozen(page, false);
  await page.bringToFront();
  stop();
}

/** What happened from the moment on in which the page ran again. */
async function afterwards(probe: Probe) {
  const trail = await probe.trail();
  const resumed = trail.findIndex(({ what }) => what === "resumed");
  expect(resumed).toBeGreaterThan(-1);
  return trail.slice(resumed).filter(({ what }) => what !== "visible");
}

test("a tab frozen while events flow has them all once when it runs again, after one reconnect at most", async ({
  realProbe,
  realTabs,
  coverTab,
  server,
}) => {
  await realProbe.open();
  await coverTab();
  await freeze(realTabs, realProbe, server);
  await expect.poll(realProbe.received).toEqual(server.log);
  server.publish(5);
  await expect.poll(realProbe.received).toEqual(server.log);

  // Chromium 156 never delivers what a fetched body was sent while the page was frozen, nor anything after it. One that
  // does needs no other stream.
  const trail = (await afterwards(realProbe)).map(({ what }) => what).join();
  expect(["resumed", "resumed,reconnecting,open"]).toContain(trail);
  expect(server.requests.length).toBeLessThanOrEqual(2);
  expect((await realProbe.read()).state).toMatchObject({ status: "open", attempt: 0, stale: false });
});

test("a stream that broke while the tab was frozen is replaced once, and nothing is missed", async ({
  realProbe,
  realTabs,
  coverTab,
  server,
}) => {
  realProbe.problems.allowFailure("/sse", "net::ERR_INCOMPLETE_CHUNKED_ENCODING");
  await realProbe.open();
  await coverTab();
  await freeze(realTabs, realProbe, server, server.drop);
  await expect.poll(realProbe.received).toEqual(server.log);
  expect((await afterwards(realProbe)).map(({ what }) => what)).toEqual(["resumed", "reconnecting", "open"]);
  expect(server.requests).toHaveLength(2);
});

test("a stream that fell silent while the tab was frozen is replaced once, soon after it runs again", async ({
  realProbe,
  realTabs,
  coverTab,
  server,
}) => {
  await realProbe.open();
  await coverTab();
  await freeze(realTabs, realProbe, server, server.silence);
  await expect.poll(realProbe.received).toEqual(server.log);
  const trail = await afterwards(realProbe);
  expect(trail.map(({ what }) => what)).toEqual(["resumed", "reconnecting", "open"]);
  expect(server.requests).toHaveLength(2);
  // A watchdog that counted its own ticks would begin anew, and take two and a half heartbeats.
  expect((trail[1]?.at ?? 0) - (trail[0]?.at ?? 0)).toBeLessThan(2 * HEARTBEAT_MS);
});
