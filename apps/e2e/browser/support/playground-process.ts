import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { TICK_MS } from "./playground-server.ts";

/** A playground server in a process of its own, with the packages as npm users get them. */
export interface PlaygroundProcess {
  readonly origin: string;
  /** Stops it as its users do. */
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL("../../../playground-server/src/main.ts", import.meta.url));

/** Starts one on a port that is free. */
export async function startPlayground(): Promise<PlaygroundProcess> {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, PORT: "0", TICK_MS: `${TICK_MS}`, RETRY_MS: "50,150", HISTORY: "20000", JOB_MS: "3000" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  // A worker that is ended leaves nothing behind.
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "exit").finally(() => process.off("exit", kill));
  const origin = new Promise<string>((resolve) => {
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const address = /^Playground +(\S+)\/$/m.exec(said)?.[1];
      if (address) resolve(address);
    });
  });
  const failed = ended.then(() => {
    throw new Error("The playground server ended before it was up. Its error is above.");
  });
  return {
    origin: await Promise.race([origin, failed]),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
