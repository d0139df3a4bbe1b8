import type { AddressInfo } from "node:net";
import { createApp } from "./app.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { frontEnds } from "./front-ends.ts";

/** A stopped playground is gone after this, whatever hangs. */
const MAX_CLOSE_MS = 3_000;

function run(config: Config): void {
  const { server, close } = createApp(config);
  const { host, port } = config;

  server.once("error", (error: NodeJS.ErrnoException) => {
    fail(
      error.code === "EADDRINUSE"
        ? `Port ${port} of ${host} is in use: stop what uses it, or set PORT to another one.`
        : `Cannot listen on port ${port} of ${host}: ${error.message}.`,
    );
  });
  server.listen(port, host, () => {
    const origin = `http://${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
    console.log(`Playground   ${origin}/`);
    for (const name of frontEnds) console.log(`  ${name.padEnd(10)} ${origin}/${name}/`);
    console.log(`  ${"stream".padEnd(10)} ${origin}/api/sse`);
  });

  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(130);
    stopping = true;
    setTimeout(() => process.exit(1), MAX_CLOSE_MS).unref();
    void close();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

try {
  run(readConfig(process.env));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  fail(error.message);
}
