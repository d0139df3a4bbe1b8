import type { ClientCommands } from "./client-process.ts";
import type { ContenderName } from "./contenders.ts";
import { type Remote, startRemote } from "./remote.ts";
import type { ServerCommands } from "./server-process.ts";

/** A server and processes with its clients. */
export interface Stage {
  readonly server: Remote<ServerCommands>;
  readonly clients: readonly Remote<ClientCommands>[];
  stop(): void;
}

/** What all benchmarks are given. */
export interface Settings {
  /** For every process. */
  readonly nodeOptions: readonly string[];
  /** Where to write a CPU profile of each server. */
  readonly profileDir?: string | undefined;
}

/**
 * So much of a process is for objects that were just made, and how much of it is used is a matter of chance: by default it
 * is more than all connections hold. Where memory is measured it is kept small.
 */
export const YOUNG_GENERATION = "--max-semi-space-size=1";

export async function openStage(name: ContenderName, settings: Settings, clientProcesses = 1): Promise<Stage> {
  const { nodeOptions, profileDir } = settings;
  const profile = profileDir ? ["--cpu-prof", `--cpu-prof-dir=${profileDir}`] : [];
  const serverOptions = [...nodeOptions, ...profile];
  const server = startRemote<ServerCommands>(new URL("./server-process.ts", import.meta.url), [name], serverOptions);
  const port = await server.call("port");
  const clients = Array.from({ length: clientProcesses }, () =>
    startRemote<ClientCommands>(new URL("./client-process.ts", import.meta.url), [port], nodeOptions),
  );
  return {
    server,
    clients,
    stop() {
      for (const { stop } of [...clients, server]) stop();
    },
  };
}
