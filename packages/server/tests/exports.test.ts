import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as server from "../src/index.ts";

describe("the package", () => {
  // SPEC 40
  it("exports exactly these names", () => {
    expect(Object.keys(server).sort()).toMatchInlineSnapshot(`
      [
        "ChannelDefinitionError",
        "ChannelNameError",
        "FrameError",
        "GrantError",
        "HubClosedError",
        "InvalidDataError",
        "OptionError",
        "PayloadTooLargeError",
        "ReservedEventError",
        "SSEServerError",
        "UnknownChannelError",
        "createFetchSession",
        "createHub",
        "createSession",
        "defineChannels",
        "encodeFrame",
        "observeWithMeter",
        "type",
      ]
    `);
  });

  // SPEC 40
  it("imports nothing from outside itself", () => {
    const folder = new URL("../src/", import.meta.url);
    for (const file of readdirSync(folder)) {
      const specifiers = [...readFileSync(new URL(file, folder), "utf8").matchAll(/from "([^"]+)"/g)].map(
        ([, name]) => name,
      );
      expect(specifiers.filter((name) => !name?.startsWith("./"))).toEqual([]);
    }
  });
});
