import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A process of its own that ends when it is told to, or with this one. */
export interface Child {
  /** Tells it to go on. */
  wake(): void;
  send(message: object): void;
  /** What it sends next. Rejects if it ends before. */
  receive<T>(): Promise<T>;
  stop(): void;
}

export function startChild(entry: URL, args: readonly (string | number)[], nodeOptions: readonly string[] = []): Child {
  const child = fork(fileURLToPath(entry), args.map(String), { execArgv: [...nodeOptions] });
  return {
    wake: () => void child.send("go"),
    send: (message) => void child.send(message),
    receive: <T>() =>
      new Promise<T>((resolve, reject) => {
        const onExit = (code: number) => reject(new Error(`${entry.pathname} ${args} ended with ${code}.`));
        child.once("exit", onExit);
        child.once("message", (message) => {
          child.off("exit", onExit);
          resolve(message as T);
        });
      }),
    stop: () => child.disconnect(),
  };
}
