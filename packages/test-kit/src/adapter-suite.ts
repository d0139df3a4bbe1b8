import { describe } from "vitest";
import type { AdapterHarness } from "./adapter-harness.ts";
import { testActions } from "./adapter-suite/actions.ts";
import { testArguments } from "./adapter-suite/arguments.ts";
import { testChannel } from "./adapter-suite/channel.ts";
import { testConnection } from "./adapter-suite/connection.ts";
import { testErrors } from "./adapter-suite/errors.ts";
import { testRendering } from "./adapter-suite/rendering.ts";
import { testServerRendering } from "./adapter-suite/server-rendering.ts";
import { createSuiteWorld, type Subject } from "./adapter-suite/suite-world.ts";

const parts = [testConnection, testChannel, testArguments, testActions, testErrors, testRendering, testServerRendering];

/** What every adapter does, said once. Each framework's test file calls this with its harness. */
export function describeAdapter(name: string, adapter: AdapterHarness, subject: Subject): void {
  describe(`${name} adapter`, () => {
    for (const part of parts) part(adapter, () => createSuiteWorld(adapter, subject));
  });
}
