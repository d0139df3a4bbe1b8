import { startChild } from "../start-child.ts";

/** What a process can be asked to do, by name. Arguments and answers travel as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: Each command has parameters of its own.
export type Commands = Readonly<Record<string, (...args: any[]) => unknown>>;

/** A process of its own that does as it is asked, one thing at a time. */
export interface Remote<Known extends Commands> {
  /** Rejects when the process ends before it answers. */
  call<Name extends keyof Known & string>(
    name: Name,
    ...args: Parameters<Known[Name]>
  ): Promise<Awaited<ReturnType<Known[Name]>>>;
  stop(): void;
}

interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}

export function startRemote<Known extends Commands>(
  entry: URL,
  args: readonly (string | number)[] = [],
  nodeOptions: readonly string[] = [],
): Remote<Known> {
  const child = startChild(entry, args, ["--expose-gc", ...nodeOptions]);
  return {
    call(name, ...callArgs) {
      // Listening first: the answer may be there before a promise has had its turn.
      const answer = child.receive<{ readonly result: never }>().then(({ result }) => result);
      child.send({ name, args: callArgs } satisfies Call);
      return answer;
    },
    stop: child.stop,
  };
}

/** Makes this process a remote. It ends with its parent, and at the first command that fails. */
export function serveCommands(commands: Commands): void {
  process.on("disconnect", () => process.exit());
  process.on("message", async ({ name, args }: Call) => {
    const result = await commands[name]!(...args);
    process.send?.({ result });
  });
}
