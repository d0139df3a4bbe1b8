import { describe, expect, it, vi } from "vitest";
import type { CorsOptions, HubOptions } from "../src/index.ts";
import { createHub, OptionError } from "../src/index.ts";

/** Headers of the answer to a page of that origin. */
async function headersFor(cors: CorsOptions, origin: string | null, options: HubOptions = {}, own = {}) {
  const hub = createHub({ cors, ...options });
  const headers = origin === null ? {} : { origin };
  const response = await hub.fetch(new Request("http://x/", { headers }), { headers: own });
  await response.body?.cancel();
  return response.headers;
}

describe("cors", () => {
  // SPEC 37, 71
  it.each<[string, unknown]>([
    ["cors.credentials", { origins: "*", credentials: true }],
    ["cors.credentials", { origins: [], credentials: 1 }],
    ["cors.origins", {}],
    ["cors.origins", { origins: "https://a.example" }],
    ["cors.origins", { origins: ["*"] }],
    ["cors.origins", { origins: ["a.example"] }],
    ["cors.origins", { origins: ["https://a.example/"] }],
    ["cors.origins", { origins: ["https://a.example/path"] }],
    ["cors.origins", { origins: ["https://A.example"] }],
    ["cors.origins", { origins: [7] }],
    ["cors.headers", { origins: "*", headers: ["x y"] }],
    ["cors.headers", { origins: "*", headers: ["x\r\ny: 1"] }],
    ["cors.headers", { origins: "*", headers: "x" }],
    ["cors.maxAgeS", { origins: "*", maxAgeS: -1 }],
    ["cors.origin", { origin: "*" }],
    ["cors", null],
  ])("names %s", (option, cors) => {
    const create = () => createHub({ cors } as HubOptions);
    expect(create).toThrow(OptionError);
    expect(create).toThrow(expect.objectContaining({ option }));
  });

  // SPEC 71
  it.each<[CorsOptions["origins"], string | null, string | null]>([
    ["*", "https://a.example", "*"],
    ["*", null, null],
    [["https://a.example", "capacitor://localhost", "null"], "https://a.example", "https://a.example"],
    [["https://a.example", "capacitor://localhost", "null"], "capacitor://localhost", "capacitor://localhost"],
    [["https://a.example", "null"], "null", "null"],
    [["https://a.example"], "https://a.example.evil", null],
    [["https://a.example"], "https://A.example", null],
    [["https://a.example"], "http://a.example", null],
    [[], "https://a.example", null],
    [(origin) => origin.endsWith(".example"), "https://b.example", "https://b.example"],
    [() => false, "https://b.example", null],
    [(() => Promise.resolve(false)) as never, "https://b.example", null],
    [(() => 1) as never, "https://b.example", null],
  ])("of %s answers %s with %s", async (origins, origin, expected) => {
    const headers = await headersFor({ origins }, origin, { onError() {} });
    expect(headers.get("access-control-allow-origin")).toBe(expected);
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect(headers.get("vary")).toBe("Origin");
  });

  // SPEC 71, 74
  it("allows nobody where the function fails, and reports it", async () => {
    const onError = vi.fn();
    const origins = () => {
      throw new Error("x");
    };
    const headers = await headersFor({ origins }, "https://a.example", { onError });
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(onError.mock.calls).toEqual([[new Error("x")]]);
  });

  // SPEC 71, 74
  it("allows nobody where the function takes its time, says so, and reports what becomes of it", async () => {
    const onError = vi.fn();
    const origins = (() => Promise.reject(new Error("x"))) as never;
    const headers = await headersFor({ origins }, "https://a.example", { onError });
    expect(headers.get("access-control-allow-origin")).toBeNull();
    await vi.waitFor(() => expect(onError).toHaveBeenCalledTimes(2));
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ option: "cors.origins" })], [new Error("x")]]);
  });

  // SPEC 71
  it("gives way to the headers of the caller, and adds to what they vary by", async () => {
    const own = { "Access-Control-Allow-Origin": "https://own.example", Vary: "Cookie" };
    const headers = await headersFor({ origins: "*" }, "https://a.example", {}, own);
    expect(headers.get("access-control-allow-origin")).toBe("https://own.example");
    expect(headers.get("vary")).toBe("Cookie, Origin");
  });
});
