import { expect } from "@playwright/test";
import { expectedMessages } from "./expected-messages.ts";
import type { PlaygroundPage } from "./playground-page.ts";
import type { PlaygroundServer } from "./playground-server.ts";

/** Nothing was lost, repeated or reordered since the page was opened with `?trace`. Nothing more is published afterwards. */
export async function expectExactness(playground: PlaygroundPage, server: PlaygroundServer) {
  await expectSameSequence(playground, server);
  await expect(playground.gaps).toHaveCount(0);
}

/** The same where the server was restarted, since then. */
export async function expectSameSequence(playground: PlaygroundPage, server: PlaygroundServer) {
  await server.setTick(null);
  const { epoch, events } = await server.log();
  await expect(playground.lastEventId).toHaveText(events.at(-1)?.id ?? "");
  const trace = (await playground.trace()).filter(({ id }) => id.startsWith(`${epoch}.`));
  for (const [name, keyCount] of [
    ["ticker", 10],
    ["services", 6],
  ] as const) {
    const received = trace.filter(({ channel }) => channel === name);
    expect(received).toEqual(expectedMessages(events, name, received.slice(0, keyCount)));
  }
}
