import { vi } from "vitest";
import { createTestClient, frame } from "./test-client.ts";

/** What a watched client's server promises: the longest silence of a healthy stream, in ms. */
export const INTERVAL = 10_000;
export const STALE = 1.5 * INTERVAL;
export const DEAD = 2.5 * INTERVAL;

export const helloOf = (heartbeatMs: unknown) =>
  frame("sse.hello", {
    conn: "c",
    epoch: "abc123",
    pos: "0",
    heartbeatMs,
    channels: ["**"],
    resume: "fresh",
    replayed: 0,
  });

/** A client with an open stream that has said this; by default a hello that promises a heartbeat. */
export async function createWatched(options: Parameters<typeof createTestClient>[0] = {}, first = helloOf(INTERVAL)) {
  const onError = vi.fn();
  const subject = createTestClient({ onError, ...options });
  const { client, environment, open, settle } = subject;
  environment.setRandom(0.5);
  client.channel("message").on(() => {});
  const request = await open();
  const say = async (text: string) => {
    request.push(text);
    await settle();
  };
  if (first) await say(first);
  /** A stream counts as open once a byte has come: the server is known to speak the contract. */
  const openAgain = async () => {
    const next = await open();
    next.push(":\n");
    await settle();
    return next;
  };
  return { ...subject, request, say, onError, openAgain };
}
