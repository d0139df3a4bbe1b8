import { expect, test } from "../support/probe-test.ts";

test("a stream that works is kept when the browser believes to be offline", async ({ context, probe, server }) => {
  await probe.open();
  await context.setOffline(true);
  await expect.poll(async () => (await probe.read()).state).toMatchObject({ status: "open", offline: true });
  server.publish(10);
  await expect.poll(probe.received).toEqual(server.log);
  await context.setOffline(false);
  await expect.poll(async () => (await probe.read()).state).toMatchObject({ status: "open", offline: false });
  expect(server.requests).toHaveLength(1);
});

test("failures while offline use up no attempt, and being online again reconnects at once", async ({
  context,
  probe,
  server,
}) => {
  probe.problems.allowFailure("/sse", "net::ERR_INCOMPLETE_CHUNKED_ENCODING");
  probe.problems.allowFailure("/sse", "net::ERR_INTERNET_DISCONNECTED");
  // Whatever waits for a retry takes longer than this test may, and one that counts is one too many.
  await probe.open({ retry: { baseMs: 600_000, capMs: 600_000, maxAttempts: 0 } });
  server.publish(10);
  await expect.poll(probe.received).toEqual(server.log);
  const resumeFrom = server.log.at(-1);
  await context.setOffline(true);
  await expect.poll(async () => (await probe.read()).state.offline).toBe(true);
  server.drop();
  server.publish(10);
  const waiting = { status: "reconnecting", attempt: 0, offline: true, nextRetryAt: expect.any(Number) };
  await expect.poll(async () => (await probe.read()).state).toMatchObject(waiting);
  for (const attempts of [2, 3]) {
    await probe.connect();
    await expect.poll(probe.errors).toHaveLength(attempts);
    expect((await probe.read()).state).toMatchObject(waiting);
  }

  await context.setOffline(false);
  await expect.poll(probe.status).toBe("open");
  server.publish(5);
  await expect.poll(probe.received).toEqual(server.log);
  expect(server.requests).toEqual([undefined, resumeFrom]);
  expect((await probe.read()).state).toMatchObject({ attempt: 0, offline: false });
});
