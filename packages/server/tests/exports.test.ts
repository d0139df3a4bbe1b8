import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as server from "../src/index.ts";
import * as testing from "../src/testing/index.ts";

const RELATIVE = /^\.\.?\/(?!\.\.)/;

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
        "ProgressClosedError",
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
    for (const { file, specifiers } of sources().filter(({ file }) => !file.startsWith("testing/")))
      expect([file, specifiers.filter((name) => !RELATIVE.test(name))]).toEqual([file, []]);
  });

  // SPEC 40, 129
  it("does not contain its entry for tests", () => {
    for (const { file, specifiers } of sources().filter(({ file }) => !file.startsWith("testing/")))
      expect([file, specifiers.filter((name) => name.includes("testing"))]).toEqual([file, []]);
  });
});

describe("the entry for tests", () => {
  // SPEC 129
  it("exports exactly these names", () => {
    expect(Object.keys(testing).sort()).toMatchInlineSnapshot(`
      [
        "createChaosProxy",
        "createManualEnvironment",
        "createTestClient",
      ]
    `);
  });

  // SPEC 129
  it("asks for modules of Node only when the proxy is made", () => {
    const own = sources().filter(({ file }) => file.startsWith("testing/"));
    const foreign = own.flatMap(({ specifiers }) => specifiers.filter((name) => !RELATIVE.test(name)));
    expect(foreign).toEqual([]);
    const proxy = own.find(({ file }) => file === "testing/chaos-proxy.ts");
    expect(own.filter(({ later }) => later.length > 0)).toEqual([proxy]);
    expect(proxy?.later).toEqual(["node:net"]);
  });
});

/** What each file of the package imports: at its start, and while it runs. Types are no imports of the built package. */
function sources() {
  const folder = new URL("../src/", import.meta.url);
  const namesIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((path) => {
      const file = path.replaceAll("\\", "/");
      const source = readFileSync(new URL(file, folder), "utf8");
      const text = file.startsWith("testing/") ? source.replace(/^import type .* from "node:.*";$/gm, "") : source;
      return {
        file,
        specifiers: namesIn(text, /(?:from|import) "([^"]+)"/g),
        later: namesIn(text, /import\("([^"]+)"\)/g),
      };
    });
}
