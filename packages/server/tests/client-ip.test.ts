import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientIp, networkOf, normaliseIp } from "../src/client-ip.ts";
import { createFakeResponse, streamRequest } from "./support/fake-response.ts";
import { createTestHub } from "./support/test-hub.ts";

describe("the address of a client", () => {
  // SPEC 70
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    [" 192.0.2.1 ", "192.0.2.1"],
    ["192.0.2.1:8080", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:0201", "192.0.2.1"],
    ["[::ffff:192.0.2.1]:443", "192.0.2.1"],
    ["2001:DB8:0:0:0::1", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::1", "::1"],
    ["", undefined],
    ["unknown", undefined],
    ["_hidden", undefined],
    ["256.0.0.1", undefined],
    ["1.2.3", undefined],
    ["1.2.3.4.5", undefined],
    [":::", undefined],
    ["1:2:3", undefined],
    ["12345::", undefined],
    ["::1]@evil/[::2", undefined],
    ["192.0.2.1, 192.0.2.2", undefined],
  ])("%j is %j", (text, expected) => {
    expect(normaliseIp(text)).toBe(expected);
  });

  // SPEC 70
  it("is never an error, whatever the text", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[\d.:a-f[\]%]*$/));
    fc.assert(
      fc.property(text, fc.nat({ max: 5 }), (header, trustProxy) => {
        const ip = clientIp({ given: undefined, forwardedFor: header, address: "192.0.2.9", trustProxy });
        expect(normaliseIp(ip!)).toBe(ip);
      }),
      { numRuns: 300 },
    );
  });

  // SPEC 70
  it.each<[number, string | undefined, string | undefined, string | undefined]>([
    [0, "198.51.100.1", undefined, "192.0.2.9"],
    [1, "198.51.100.1", undefined, "198.51.100.1"],
    [1, "203.0.113.7, 198.51.100.1", undefined, "198.51.100.1"],
    [2, "203.0.113.7, 198.51.100.1", undefined, "203.0.113.7"],
    [2, "1.1.1.1,203.0.113.7,198.51.100.1", undefined, "203.0.113.7"],
    [3, "203.0.113.7, 198.51.100.1", undefined, "192.0.2.9"],
    [1, "203.0.113.7, unknown", undefined, "192.0.2.9"],
    [1, undefined, undefined, "192.0.2.9"],
    [1, "", undefined, "192.0.2.9"],
    [1, "203.0.113.7", "2001:DB8::1", "2001:db8::1"],
    [0, undefined, "a-digest", "a-digest"],
    [0, undefined, "", "192.0.2.9"],
  ])("behind %i proxies with %j and the option %j is %s", (trustProxy, forwardedFor, ip, expected) => {
    const { hub } = createTestHub({ trustProxy });
    const request = {
      ...streamRequest(),
      headers: { ...streamRequest().headers, "x-forwarded-for": forwardedFor },
      socket: { remoteAddress: "::ffff:192.0.2.9" },
    };
    hub.node(request, createFakeResponse(), { user: "u", ip });
    expect(hub.connectionsOf("u")).toMatchObject([{ ip: expected }]);
  });

  // SPEC 67
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::", "2001:db8:1:2"],
    ["2001:db8:1:2::6", "2001:db8:1:2"],
    ["2001:db8::2:3:4:5:6", "2001:db8:0:2"],
    ["2001:db8::6", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["::2:3:4:5:6", "0:0:0:2"],
    ["::", "0:0:0:0"],
    ["a:digest", "a:digest"],
    ["digest", "digest"],
  ])("%s counts as %s", (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });

  // SPEC 67
  it("is in a network of its own only where the first 64 bits are", () => {
    const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
    const write = (parts: number[]) => normaliseIp(parts.map((part) => part.toString(16)).join(":"))!;
    fc.assert(
      fc.property(groups, groups, (a, b) => {
        // Those of IPv4 are told apart as a whole.
        fc.pre(write(a).includes(":") && write([...a.slice(0, 4), ...b.slice(4)]).includes(":"));
        expect(networkOf(write([...a.slice(0, 4), ...b.slice(4)]))).toBe(networkOf(write(a)));
        expect(networkOf(write(a))).toBe(
          a
            .slice(0, 4)
            .map((part) => part.toString(16))
            .join(":"),
        );
      }),
    );
  });

  // SPEC 70
  it("is known of a Fetch request only if somebody says it", async () => {
    const { hub } = createTestHub({ trustProxy: 1 });
    await hub.fetch(new Request("http://x/"), { user: "a" });
    await hub.fetch(new Request("http://x/", { headers: { "x-forwarded-for": "192.0.2.1" } }), { user: "b" });
    await hub.fetch(new Request("http://x/"), { user: "c", ip: "192.0.2.2" });
    const ips = ["a", "b", "c"].map((user) => hub.connectionsOf(user)[0]!.ip);
    expect(ips).toEqual([undefined, "192.0.2.1", "192.0.2.2"]);
  });
});
