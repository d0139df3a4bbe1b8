import { expect, test } from "vitest";
import * as testing from "../../src/testing/index.ts";

test("the entry exports these names", () => {
  expect(Object.keys(testing).sort()).toMatchInlineSnapshot(`
    [
      "createFakeEnvironment",
      "createFakeEventSource",
      "createFakeServer",
      "createFakeSource",
      "createManualClock",
    ]
  `);
});
