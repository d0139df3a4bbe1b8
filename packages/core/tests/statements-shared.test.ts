import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { acquireClient } from "../src/index.ts";
import { createFakeSource } from "../src/testing/index.ts";

const noop = () => {};

beforeEach(() => {
  vi.stubGlobal("document", { baseURI: "https://host.test/page/" });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

// SPEC 16
describe("a client that is found by its URL", () => {
  test("is one for every way to write the address, and another one per key", () => {
    const { client } = acquireClient("/one");
    expect(acquireClient("../one").client).toBe(client);
    expect(acquireClient(new URL("https://host.test/one")).client).toBe(client);
    expect(acquireClient("/one", { key: "other" }).client).not.toBe(client);
  });

  test("is the same without a key and with an empty one, and no name of a key is special", () => {
    const { client } = acquireClient("/key");
    expect(acquireClient("/key", { key: "" }).client).toBe(client);
    expect(acquireClient("/key", { key: "undefined" }).client).not.toBe(client);
  });

  test("is forgotten when nobody has retained it for the linger time, and kept while disconnected", async () => {
    const { environment, advance, settle } = createFakeSource();
    const { client } = acquireClient("/two", { environment });
    const end = client.retain();
    await settle();
    client.disconnect();
    end();
    await advance(60_000);
    expect(acquireClient("/two").client).toBe(client);
    client.connect();
    client.retain()();
    await advance(60_000);
    expect(client.status.get().status).toBe("idle");
    expect(acquireClient("/two").client).not.toBe(client);
  });

  test("stays the one that is found when a forgotten one is retained again and let go of", async () => {
    const { environment, advance, settle } = createFakeSource();
    const forgotten = acquireClient("/again", { environment }).client;
    forgotten.retain()();
    await advance(1_100);
    const { client } = acquireClient("/again", { environment });
    expect(client).not.toBe(forgotten);
    client.retain();
    const end = forgotten.retain();
    await settle();
    end();
    await advance(1_100);
    expect(acquireClient("/again", { environment }).client).toBe(client);
    client.close();
  });

  test("keeps the options of whoever came first, with one warning, and reads functions and headers as last given", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(noop);
    const { environment, settle, requests } = createFakeSource();
    const { client, update } = acquireClient("/three", { environment, headers: { a: "1" } });
    for (let time = 0; time < 3; time++) expect(acquireClient("/three", { lingerMs: 5 }).client).toBe(client);
    expect(warn).toHaveBeenCalledOnce();
    client.retain();
    await settle();
    update({ headers: { a: "2" } });
    client.reconnect();
    await settle();
    update({});
    client.reconnect();
    await settle();
    expect(requests.map(({ headers }) => headers.get("a"))).toEqual(["1", "2", null]);
    client.close();
  });

  test("is a new one at every call where there is no page, as two requests to a server never meet", () => {
    vi.stubGlobal("document", undefined);
    expect(acquireClient("/four").client).not.toBe(acquireClient("/four").client);
  });
});
