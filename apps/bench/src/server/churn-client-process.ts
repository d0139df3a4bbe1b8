// Run by `startRemote`: clients that come and go.
import { desert, MOMENTS } from "./deserter.ts";
import { createRandom } from "./random.ts";
import { serveCommands } from "./remote.ts";
import { openSink, type Sink } from "./sink.ts";

const port = Number(process.argv[2]);
const AT_ONCE = 100;
const USERS = 200;
const sinks: Sink[] = [];

const commands = {
  /** Lets so many connect and leave, the same for the same seed but for the timing. */
  async churn(count: number, seed: number, oldestId: string) {
    const random = createRandom(seed);
    let started = 0;
    const keepGoing = async () => {
      while (started < count) {
        started++;
        const moment = MOMENTS[Math.floor(random() * MOMENTS.length)]!;
        const user = `user-${Math.floor(random() * USERS)}`;
        await desert(moment, { port, oldestId, user, random });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, keepGoing));
  },
  /** Opens a stream for each of the users; returns how many are still open after a moment, which those refused are not. */
  async fill(users: readonly string[]) {
    const opened = await Promise.all(users.map((user) => openSink(port, `/?user=${user}`)));
    sinks.push(...opened);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return sinks.filter(({ socket }) => !socket.destroyed && !socket.readableEnded).length;
  },
  leave() {
    for (const { socket } of sinks.splice(0)) socket.destroy();
  },
};
export type ChurnClientCommands = typeof commands;
serveCommands(commands);
