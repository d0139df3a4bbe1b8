import { expect, test } from "vitest";
import * as adapter from "../src/index.ts";

test("the package exports these names", () => {
  expect(Object.keys(adapter).sort()).toMatchInlineSnapshot(`
    [
      "SSEError",
      "SSEProvider",
      "acquireClient",
      "createDebugLog",
      "createSSEClient",
      "defineChannels",
      "dynamic",
      "iterate",
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
