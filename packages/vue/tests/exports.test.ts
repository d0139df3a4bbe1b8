import { expect, test } from "vitest";
import * as adapter from "../src/index.ts";

test("the package exports these names", () => {
  expect(Object.keys(adapter).sort()).toMatchInlineSnapshot(`
    [
      "SSEError",
      "SSEProvider",
      "acquireClient",
      "createClientFinder",
      "createDebugLog",
      "createSSEClient",
      "createSSEPlugin",
      "defineChannels",
      "dynamic",
      "iterate",
      "provideSSEClient",
      "query",
      "reduce",
      "selectView",
      "snapshot",
      "type",
      "useChannel",
      "useReadable",
      "useSSE",
      "useSSEClient",
    ]
  `);
});

test.each([
  ["native", () => import("../src/native.ts"), () => import("@x/sse-core/native")],
  ["polling", () => import("../src/polling.ts"), () => import("@x/sse-core/polling")],
  ["queue", () => import("../src/queue.ts"), () => import("@x/sse-core/queue")],
  ["testing", () => import("../src/testing.ts"), () => import("@x/sse-core/testing")],
] as const)("one install is enough: %s comes with it", async (_, own, core) => {
  expect({ ...(await own()) }).toEqual({ ...(await core()) });
});
