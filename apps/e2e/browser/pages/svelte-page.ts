import { createSSEClient } from "@x/sse-svelte";
import { mount, unmount } from "svelte";
import { type Channels, startRenderProbe } from "./render-probe.ts";
import Parts from "./svelte-parts.svelte";

const client = createSSEClient<Channels>({ url: "/sse", contract: true });

startRenderProbe(client, (target) => {
  const parts = mount(Parts, { target, props: { client } });
  return () => void unmount(parts);
});
