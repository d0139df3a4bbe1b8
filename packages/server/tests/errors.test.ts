import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as server from "../src/index.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const source = read("../src/errors.ts");
const [frameCodes] = source.match(/^export type FrameErrorCode = .*$/m)!;
const codes = [...source.matchAll(/super\(\s*"([a-z-]+)"/g), ...frameCodes.matchAll(/"([a-z-]+)"/g)].map(
  ([, code]) => code!,
);

// SPEC 163
describe("every code of an error", () => {
  it("is known to this test", () => {
    const classes = Object.keys(server).filter((name) => name.endsWith("Error"));
    // The base has none of its own, and a FrameError five.
    expect(codes).toHaveLength(classes.length - 2 + 5);
  });

  it.each(codes)("%s has a section in docs/errors.md and is listed in the README", (code) => {
    const headings = read("../../../docs/errors.md").match(/^### .*$/gm)!;
    expect(headings.filter((heading) => heading.slice(4).split(", ").includes(code))).toHaveLength(1);
    expect(read("../README.md").split("## Errors")[1]).toContain(`\`${code}\``);
  });
});
