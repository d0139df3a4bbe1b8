import { type Channel, createChannel, createSession } from "better-sse";
import type { Contender } from "../contender.ts";
import { encodeId, FIRST_SEQ } from "../payload.ts";

/** With its defaults. It is given ids, as the random ones it would make are longer. */
export function createBetterSse(): Contender {
  const channels = new Map<string, Channel>();
  let position = FIRST_SEQ;
  return {
    connectionCount: () => [...channels.values()].reduce((sum, { sessionCount }) => sum + sessionCount, 0),
    async open(req, res, name) {
      const channel = channels.get(name) ?? createChannel();
      channels.set(name, channel);
      const session = await createSession(req, res);
      // It throws for one that has left meanwhile.
      if (session.isConnected) channel.register(session);
    },
    publish: (name, payload) => void channels.get(name)?.broadcast(payload, name, { eventId: encodeId(++position) }),
  };
}
