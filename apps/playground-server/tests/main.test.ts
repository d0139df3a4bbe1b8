import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { frontEnds } from "../src/front-ends.ts";
import { readStream } from "./support/read-stream.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

function start(env: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, ["--conditions=@x/source", main], {
    env: { ...process.env, PORT: "0", ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const output = { out: "", err: "" };
  child.stdout?.on("data", (chunk) => {
    output.out += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    output.err += chunk;
  });
  const exited = once(child, "close").then(([code]) => code as number | null);
  const origin = async () => {
    await expect.poll(() => output.out, { timeout: 5_000 }).toContain("/api/sse\n");
    return /http:\/\/[^/]+/.exec(output.out)?.[0] ?? "";
  };
  return { child, output, exited, origin };
}

describe("the program", () => {
  test("prints where everything is, and answers there", async () => {
    const { origin, output } = start({});
    const page = await fetch(`${await origin()}/`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    for (const name of frontEnds) expect(output.out).toContain(` ${await origin()}/${name}/\n`);
  });

  test("says in one sentence that the port is in use", async () => {
    const first = start({});
    const { port } = new URL(await first.origin());
    const second = start({ PORT: port });
    expect(await second.exited).toBe(1);
    expect(second.output.err).toBe(
      `Port ${port} of 127.0.0.1 is in use: stop what uses it, or set PORT to another one.\n`,
    );
  });

  test("says in one sentence what is wrong with the environment", async () => {
    const { exited, output } = start({ TICK_MS: "soon" });
    expect(await exited).toBe(1);
    expect(output.err).toBe('TICK_MS is "soon", but must be an integer from 1 to 2147483647.\n');
  });

  test.each(["SIGINT", "SIGTERM"] as const)("says goodbye to streams on %s and exits", async (signal) => {
    const { child, exited, origin } = start({});
    const stream = await readStream(`${await origin()}/api/sse`);
    await stream.includes("login");
    child.kill(signal);
    expect(await exited).toBe(0);
    expect(await stream.ended).toBe(true);
    expect(stream.text()).toContain('event: sse.bye\ndata: {"reason":"shutdown"');
  });

  test("exits at once on the second signal", async () => {
    const { child, exited, origin } = start({});
    const stream = await readStream(`${await origin()}/api/sse`);
    await stream.includes("login");
    child.kill("SIGINT");
    child.kill("SIGTERM");
    expect(await exited).toBe(130);
  });
});
