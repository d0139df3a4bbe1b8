import { expect, test } from "vitest";
import * as core from "../src/index.ts";

test("the package exports these names", () => {
  expect(Object.keys(core).sort()).toMatchInlineSnapshot(`
    [
      "SSEError",
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
      "snapshot",
      "type",
    ]
  `);
});
