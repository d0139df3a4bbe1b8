// Run by `startRemote`: one contender behind a real server.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type ContenderName, contenders } from "./contenders.ts";
import { CHANNEL, createPayloads } from "./payload.ts";
import { serveCommands } from "./remote.ts";
import { countTimers, createCpuMeter, readMemory, until } from "./usage.ts";

/** What is published in one go. */
export interface Burst {
  readonly channels: readonly string[];
  readonly frameBytes: number;
  readonly ticks: number;
  /** In each channel. */
  readonly eventsPerTick: number;
}

const contender = await contenders[process.argv[2] as ContenderName]();
const server = createServer((req, res) => {
  const { searchParams } = new URL(req.url ?? "/", "http://localhost");
  contender.open(req, res, searchParams.get("channel") ?? CHANNEL);
});
server.listen(0, "127.0.0.1", 4_096);
await once(server, "listening");
const { port } = server.address() as AddressInfo;
const cpu = createCpuMeter();
let seq = 0;

const commands = {
  port: () => port,
  connectionCount: () => contender.connectionCount(),
  untilConnected: (count: number) =>
    until(
      () => contender.connectionCount() === count,
      () => `${contender.connectionCount()} of ${count} connections.`,
    ),
  async publish({ channels, frameBytes, ticks, eventsPerTick }: Burst) {
    const createPayload = createPayloads(frameBytes);
    for (let tick = 0; tick < ticks; tick++) {
      for (let event = 0; event < eventsPerTick; event++) {
        seq++;
        for (const channel of channels) contender.publish(channel, createPayload(seq));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  restartCpu: cpu.restart,
  cpu: cpu.read,
  memory: readMemory,
  timers: countTimers,
};
export type ServerCommands = typeof commands;
serveCommands(commands);
