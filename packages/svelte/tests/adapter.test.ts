import { describeAdapter } from "test-kit/adapter-suite";
import { createSSEClient } from "../src/index.js";
import { createHarness } from "./harness.svelte.js";
import RunesProbe from "./runes-probe.svelte";
import StoreProbe from "./store-probe.svelte";

describeAdapter("Svelte", createHarness(RunesProbe, "runes-probe.svelte"), { createSSEClient });
describeAdapter("Svelte (stores)", createHarness(StoreProbe, "store-probe.svelte"), { createSSEClient });
