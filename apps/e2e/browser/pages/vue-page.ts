import { createSSEClient, useChannel, useReadable } from "@x/sse-vue";
import { createApp, defineComponent, h, ref, watch } from "vue";
import { type Channels, rendered, SHOWN, startRenderProbe } from "./render-probe.ts";

const client = createSSEClient<Channels>({ url: "/sse", contract: true });

const List = defineComponent(() => {
  const { history } = useChannel(client, "tick");
  return () => {
    const items = rendered("list", history.value.slice(-SHOWN));
    return h(
      "ol",
      items.map(({ id = "", data }) => h("li", { key: id }, data.n)),
    );
  };
});

const Newest = defineComponent(
  ({ index }: { index: number }) => {
    const { data } = useChannel(client, "tick");
    return () => h("output", rendered(`newest ${index}`, data.value?.n));
  },
  { props: ["index"] },
);

const Thousands = defineComponent(() => {
  const { data } = useChannel(client, "tick", ({ n }) => Math.floor(n / 1_000));
  return () => h("output", rendered("thousands", data.value));
});

const Quiet = defineComponent(() => {
  const { data } = useChannel(client, "quiet");
  return () => h("output", rendered("quiet", data.value?.n));
});

/** State copied by a watcher, of which Vue complains where it goes round in circles. */
const Copied = defineComponent(() => {
  const { message } = useChannel(client, "tick");
  const total = ref(0);
  watch(message, () => total.value++);
  return () => h("output", total.value);
});

const Messages = defineComponent(() => {
  const stats = useReadable(client.stats);
  return () => h("output", rendered("stats", stats.value.messages));
});

startRenderProbe(client, (target) => {
  const app = createApp(() => [
    h(List),
    ...Array.from({ length: 3 }, (_, index) => h(Newest, { index })),
    h(Thousands),
    h(Quiet),
    h(Copied),
    h(Messages),
  ]);
  app.mount(target);
  return () => app.unmount();
});
