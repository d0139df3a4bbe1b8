import { describeAdapter } from "test-kit/adapter-suite";
import { createSSEClient } from "../src/index.ts";
import { harness } from "./harness.ts";

describeAdapter("Vue", harness, { createSSEClient });
