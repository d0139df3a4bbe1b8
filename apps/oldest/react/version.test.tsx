import { version } from "react";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { peerDependencies } from "../../../packages/react/package.json" with { type: "json" };
import { createSSEClient, SSEProvider, useSSEClient } from "../../../packages/react/src/index.ts";

// A hook of one React fails under another's renderer, so that this shows what the adapter's sources import.
test("the adapter runs with the oldest React of its peer range", () => {
  const client = createSSEClient({ url: "/events" });
  const Child = () => String(useSSEClient() === client);
  const html = renderToString(
    <SSEProvider client={client}>
      <Child />
    </SSEProvider>,
  );
  expect(html).toBe("true");
  expect(peerDependencies.react.startsWith(`^${version} `)).toBe(true);
});
