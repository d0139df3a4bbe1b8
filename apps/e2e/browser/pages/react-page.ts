import { createSSEClient, useChannel, useReadable } from "@x/sse-react";
import { createElement, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { type Channels, rendered, SHOWN, startRenderProbe } from "./render-probe.ts";

const client = createSSEClient<Channels>({ url: "/sse", contract: true });

function List() {
  const { history } = useChannel(client, "tick");
  const items = rendered("list", history.slice(-SHOWN));
  return createElement(
    "ol",
    null,
    items.map(({ id, data }) => createElement("li", { key: id }, data.n)),
  );
}

function Newest({ index }: { index: number }) {
  return createElement("output", null, rendered(`newest ${index}`, useChannel(client, "tick").data?.n));
}

function Thousands() {
  const { data } = useChannel(client, "tick", ({ n }) => Math.floor(n / 1_000));
  return createElement("output", null, rendered("thousands", data));
}

function Quiet() {
  return createElement("output", null, rendered("quiet", useChannel(client, "quiet").data?.n));
}

/** State copied in an effect, which is how pages that update with every message run into React's limit. */
function Copied() {
  const { message } = useChannel(client, "tick");
  const [total, setTotal] = useState(0);
  useEffect(() => {
    if (message) setTotal((last) => last + 1);
  }, [message]);
  return createElement("output", null, total);
}

function Messages() {
  return createElement("output", null, rendered("stats", useReadable(client.stats).messages));
}

startRenderProbe(client, (target) => {
  const root = createRoot(target);
  root.render([
    createElement(List, { key: "list" }),
    ...Array.from({ length: 3 }, (_, index) => createElement(Newest, { key: index, index })),
    createElement(Thousands, { key: "thousands" }),
    createElement(Quiet, { key: "quiet" }),
    createElement(Copied, { key: "copied" }),
    createElement(Messages, { key: "messages" }),
  ]);
  return () => root.unmount();
});
