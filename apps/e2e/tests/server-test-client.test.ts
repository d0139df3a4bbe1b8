import { createTestClient } from "@x/sse-server/testing";
import { decodingVectors } from "test-kit/decoding-vectors";
import { expect, test } from "vitest";

/* The server's test client has a parser of its own: it must not forgive a server what clients do not. */

test.each(decodingVectors)(
  "the server's test client reads as the standard says: $name",
  async ({ bytes, ...expected }) => {
    const headers = { "content-type": "text/event-stream" };
    const client = await createTestClient({ fetch: () => new Response(bytes.slice(), { headers }) });
    expect(await client.expectEnd()).toBe("ended");
    const seen = client.events.map(({ event, text }) => ({ type: event, data: text }));
    expect(seen).toEqual(expected.events.map(({ type, data }) => ({ type, data })));
    expect(client.lastEventId ?? "").toBe(expected.cursor);
  },
);
