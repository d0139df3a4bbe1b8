import type { ServerResponse } from "node:http";
import type { Contender } from "../contender.ts";
import { encodeEvent, FIRST_SEQ } from "../payload.ts";

/** The least that can be done: each event is encoded once and written to everybody. It knows no ids, history or slow peers. */
export function createBare(): Contender {
  const rooms = new Map<string, Set<ServerResponse>>();
  let position = FIRST_SEQ;
  let connectionCount = 0;
  return {
    connectionCount: () => connectionCount,
    open(_, res, channel) {
      const room = rooms.get(channel) ?? new Set();
      rooms.set(channel, room.add(res));
      connectionCount++;
      res.on("close", () => {
        room.delete(res);
        connectionCount--;
      });
      res.writeHead(200, {
        "cache-control": "no-cache, no-store, no-transform",
        "x-accel-buffering": "no",
        "content-type": "text/event-stream; charset=utf-8",
      });
      res.flushHeaders();
    },
    publish(channel, payload) {
      const frame = Buffer.from(encodeEvent(channel, ++position, JSON.stringify(payload)));
      for (const res of rooms.get(channel) ?? []) res.write(frame);
    },
  };
}
