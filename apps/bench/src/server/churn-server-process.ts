// Run by `startRemote`: a hub that is asked, limited, published to and left.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createHub } from "@x/sse-server";
import { CHANNEL, createPayloads } from "./payload.ts";
import { serveCommands } from "./remote.ts";
import { countTimers, readMemory, until } from "./usage.ts";

const [total, perUser] = process.argv.slice(2).map(Number);
const FRAME_BYTES = 4_000;
const PUBLISH_EVERY_MS = 5;
/** Longer than any client stays. */
const DELIBERATE_MS = 200;

const SETTLE_MS = 1_000;

/** What happened, so that a run in which nothing did is found out. */
const seen = { asked: 0, leftWhileAsked: 0, changes: 0, reports: 0 };

const hub = createHub({
  limits: { total: total!, perUser: perUser!, perIp: total! },
  async authorize({ purpose, query, signal }) {
    seen.asked++;
    if (purpose === "change") seen.changes++;
    if (query.has("deliberate")) await sleep(DELIBERATE_MS, undefined, { signal });
    return { user: query.get("user") ?? "nobody" };
  },
  onError() {
    seen.reports++;
  },
});
const createPayload = createPayloads(FRAME_BYTES);
let seq = 0;
const publish = () => void hub.publish(CHANNEL, createPayload(++seq));
// A history to replay from the start.
for (let count = 0; count < 100; count++) publish();
let publishing: NodeJS.Timeout | undefined;

const server = createServer((req, res) => hub.node(req, res));
server.listen(0, "127.0.0.1", 4_096);
await once(server, "listening");
const { port } = server.address() as AddressInfo;
const sockets = new Set<Socket>();
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
});

const commands = {
  port: () => port,
  /** An id that everything in the history comes after. */
  oldestId: () => `${hub.epoch}.${(seq - 100).toString(36)}`,
  startPublishing() {
    publishing = setInterval(publish, PUBLISH_EVERY_MS);
  },
  stopPublishing: () => clearInterval(publishing),
  untilConnected: (count: number) =>
    until(
      () => hub.connectionCount === count,
      () => `${hub.connectionCount} of ${count} connections.`,
    ),
  /** Once nobody is left, not even among those who never got as far as a stream. */
  async untilLeft() {
    await until(
      () => hub.connectionCount + sockets.size === 0,
      () => `${hub.connectionCount} streams, ${sockets.size} sockets.`,
    );
    // What timers of `node:http` and of `authorize` hold goes with them.
    await sleep(SETTLE_MS);
  },
  memory: readMemory,
  timers: countTimers,
  sockets: () => sockets.size,
  stats: () => ({ ...hub.stats(), ...seen }),
};
export type ChurnServerCommands = typeof commands;
serveCommands(commands);
