import { createSSEClient, useChannel, useReadable } from "@x/sse-react";
import { createElement, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

type Channels = { tick: { n: number }; quiet: { n: number } };

const client = createSSEClient<Channels>({ url: "/sse", contract: true });
/** Few, so that it is the flushes and not the drawing that set the pace. */
const SHOWN = 10;
const renders: Record<string, number> = {};
let frames = 0;

const count = (component: string) => {
  renders[component] = (renders[component] ?? 0) + 1;
};

function List() {
  count("list");
  const { history } = useChannel(client, "tick");
  return createElement(
    "ol",
    null,
    history.slice(-SHOWN).map(({ id, data }) => createElement("li", { key: id }, data.n)),
  );
}

function Newest({ index }: { index: number }) {
  count(`newest ${index}`);
  return createElement("output", null, useChannel(client, "tick").data?.n);
}

function Hundreds() {
  count("hundreds");
  return createElement("output", null, useChannel(client, "tick", ({ n }) => Math.floor(n / 100)).data);
}

function Quiet() {
  count("quiet");
  return createElement("output", null, useChannel(client, "quiet").data?.n);
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
  count("stats");
  return createElement("output", null, useReadable(client.stats).messages);
}

(function next() {
  frames++;
  requestAnimationFrame(next);
})();
createRoot(document.body.appendChild(document.createElement("main"))).render([
  createElement(List, { key: "list" }),
  ...Array.from({ length: 3 }, (_, index) => createElement(Newest, { key: index, index })),
  createElement(Hundreds, { key: "hundreds" }),
  createElement(Quiet, { key: "quiet" }),
  createElement(Copied, { key: "copied" }),
  createElement(Messages, { key: "messages" }),
]);

/** Operated by the tests. */
export const reactProbe = {
  read: () => ({
    frames,
    renders: { ...renders },
    items: [...document.querySelectorAll("li")].map(({ textContent }) => Number(textContent)),
    messages: client.stats.get().messages,
    status: client.status.get().status,
  }),
};
Object.assign(globalThis, { reactProbe });
