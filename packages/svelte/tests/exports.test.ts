import { expect, test } from "vitest";
import * as adapter from "../src/index.js";

test("the package exports these names", () => {
  expect(Object.keys(adapter).sort()).toMatchInlineSnapshot(`
    [
      "SSEError",
      "SSEProvider",
      "acquireClient",
      "createClientFinder",
      "createDebugLog",
      "createSSEClient",
      "defineChannels",
      "dynamic",
      "iterate",
      "query",
      "reduce",
      "selectView",
      "setSSEClient",
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
  ["native", () => import("../src/native.js"), () => import("@x/sse-core/native")],
  ["polling", () => import("../src/polling.js"), () => import("@x/sse-core/polling")],
  ["queue", () => import("../src/queue.js"), () => import("@x/sse-core/queue")],
  ["testing", () => import("../src/testing.js"), () => import("@x/sse-core/testing")],
] as const)("one install is enough: %s comes with it", async (_, own, core) => {
  expect({ ...(await own()) }).toEqual({ ...(await core()) });
});
