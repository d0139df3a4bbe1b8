import { expect, test } from "vitest";
import { ConfigError, readConfig } from "../src/config.ts";

test("an empty environment gives the defaults", () => {
  expect(readConfig({})).toEqual({
    port: 8080,
    host: "127.0.0.1",
    seed: 1,
    tickMs: 250,
    retryMs: undefined,
    heartbeatMs: 2_000,
    jobMs: 6_000,
    history: 500,
  });
  expect(readConfig({ PORT: "", RETRY_MS: " " })).toEqual(readConfig({}));
});

test("every variable is read", () => {
  const env = {
    PORT: "0",
    HOST: "::1",
    SEED: "9",
    TICK_MS: "20",
    RETRY_MS: "50, 150",
    HEARTBEAT_MS: "500",
    JOB_MS: "900",
    HISTORY: "10",
  };
  expect(readConfig(env)).toEqual({
    port: 0,
    host: "::1",
    seed: 9,
    tickMs: 20,
    retryMs: [50, 150],
    heartbeatMs: 500,
    jobMs: 900,
    history: 10,
  });
});

test.each([
  ["PORT", "http"],
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["SEED", "1.5"],
  ["TICK_MS", "0"],
  ["TICK_MS", "1e3"],
  ["HISTORY", "0"],
  ["HEARTBEAT_MS", "99"],
  ["JOB_MS", "99"],
  ["RETRY_MS", "50"],
  ["RETRY_MS", "150,50"],
  ["RETRY_MS", "50,150,250"],
  ["RETRY_MS", "1,99999999999"],
])("%s=%s is refused in one sentence that names the variable and the value", (name, value) => {
  const read = () => readConfig({ [name]: value });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(new RegExp(`^${name} is "${value}", but must be [^.]+\\.$`));
});
