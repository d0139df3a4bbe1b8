// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { renderToString } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import { createSSEClient, useChannel, useSSE } from "../src/index.ts";

afterEach(() => vi.unstubAllGlobals());

test("rendering where there is no page opens nothing, also from relative URLs, and shows what the page first shows", () => {
  const fetch = vi.fn();
  const setTimeout = vi.fn();
  vi.stubGlobal("fetch", fetch);
  vi.stubGlobal("setTimeout", setTimeout);
  const client = createSSEClient({ url: "/api/events" });
  const Page = () => {
    const { status, data } = useSSE("/api/events");
    const { loading } = useChannel(client, "a");
    return <p>{`${status} ${String(data)} ${String(loading)}`}</p>;
  };
  expect(renderToString(<Page />)).toBe("<p>idle undefined true</p>");
  expect(fetch).not.toHaveBeenCalled();
  expect(setTimeout).not.toHaveBeenCalled();
});

test("two requests never share a client", () => {
  const clients: unknown[] = [];
  const Page = () => {
    clients.push(useSSE("/api/events").client);
    return null;
  };
  renderToString(<Page />);
  renderToString(<Page />);
  expect(clients[0]).not.toBe(clients[1]);
});

test("a server component may import the package: its hooks are client code, all else is either's", () => {
  const sources = new URL("../src/", import.meta.url);
  const names = readdirSync(sources).map((name) => [name, readFileSync(new URL(name, sources), "utf8")] as const);
  const isClient = (code: string) => code.startsWith('"use client";');
  expect(names.filter(([, code]) => isClient(code)).map(([name]) => name)).toEqual(
    names.filter(([, code]) => /from "react"/.test(code)).map(([name]) => name),
  );
  // A client module names what it exports, or a server cannot refer to it.
  expect(names.filter(([, code]) => isClient(code) && code.includes("export *"))).toEqual([]);
});
