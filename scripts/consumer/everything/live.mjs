import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createSSEClient } from "@x/sse-core";
import { useSSE } from "@x/sse-react";
import { createHub } from "@x/sse-server";
import { createChaosProxy, createManualEnvironment, createTestClient } from "@x/sse-server/testing";
import { createElement } from "react";
import { renderToString } from "react-dom/server";

const hub = createHub();
const server = createServer((req, res) => hub.node(req, res)).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const client = createSSEClient({ url: `http://127.0.0.1:${server.address().port}/` });
const received = new Promise((resolve) => client.channel("quotes").on(({ data }) => resolve(data)));
client.connect();
await new Promise((resolve) => {
  client.status.subscribe(() => client.status.get().resume && resolve());
});
await hub.publish("quotes", { symbol: "A", price: 1 });
assert.deepEqual(await received, { symbol: "A", price: 1 });
client.close();

const Page = () => createElement("p", null, useSSE("/api/sse").status);
assert.equal(renderToString(createElement(Page)), "<p>idle</p>");

await hub.close({ spreadMs: 0, timeoutMs: 1_000 });
await new Promise((resolve) => server.close(resolve));

const environment = createManualEnvironment();
const testHub = createHub({ environment });
const testClient = await createTestClient(testHub, { environment });
testClient.drop();
void testHub.publish("quotes", 1);
await testClient.reconnect();
assert.equal((await testClient.expectEvent("quotes")).data, 1);
testClient.close();
const proxy = await createChaosProxy({ target: { port: 1 } });
await assert.rejects(fetch(proxy.url));
await proxy.close();
