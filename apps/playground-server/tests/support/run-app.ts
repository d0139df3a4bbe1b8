import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createApp } from "../../src/app.ts";
import { type Config, readConfig } from "../../src/config.ts";

/** Runs the whole server on a free port until the test has finished. Nothing is published unless `tickMs` says so. */
export async function runApp(config: Partial<Config> = {}, apps?: URL): Promise<string> {
  const { server, close } = createApp({ ...readConfig({}), tickMs: 60_000, ...config }, apps);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(close);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
}
