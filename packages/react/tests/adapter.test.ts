import { describeAdapter } from "test-kit/adapter-suite";
import { createSSEClient } from "../src/index.ts";
import { createHarness } from "./harness.tsx";

describeAdapter("React", createHarness({ strict: false }), { createSSEClient });
describeAdapter("React (StrictMode)", createHarness({ strict: true }), { createSSEClient });
