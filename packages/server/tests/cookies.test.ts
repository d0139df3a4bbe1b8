import { describe, expect, it } from "vitest";
import { readCookie } from "../src/cookies.ts";
import { type AuthorizeContext, createHub, type NodeRequest } from "../src/index.ts";
import { createFakeResponse, streamRequest } from "./support/fake-response.ts";
import { settle } from "./support/test-hub.ts";

async function contextOf(headers: NodeRequest["headers"]): Promise<AuthorizeContext> {
  let context: AuthorizeContext | undefined;
  const hub = createHub({
    authorize(given) {
      context = given;
      return null;
    },
  });
  hub.node({ ...streamRequest(), headers }, createFakeResponse());
  await settle();
  return context!;
}

describe("what a request presents", () => {
  // SPEC 75
  it.each<[string | null, string, string | undefined]>([
    [null, "a", undefined],
    ["", "a", undefined],
    ["a=1; b=2", "b", "2"],
    ["a=1;b=2", "b", "2"],
    ["a=1; a=2", "a", "1"],
    ["aa=1; a=2", "a", "2"],
    ["A=1", "a", undefined],
    ['a="x y"', "a", "x y"],
    ['a="', "a", '"'],
    ['a=""', "a", ""],
    ["a=", "a", ""],
    ["a", "a", undefined],
    ["=1", "", "1"],
    ["a=b=c==", "a", "b=c=="],
    ["a=%E2%98%83", "a", "☃"],
    ["a=%", "a", "%"],
    ["a=%0d%0Ax: 1", "a", "\r\nx: 1"],
    ["__proto__=1", "__proto__", "1"],
    ["a=1", "toString", undefined],
    [";;; ;a=1;;", "a", "1"],
  ])("in the cookies %j is %j: %j", (header, name, expected) => {
    expect(readCookie(header, name)).toBe(expected);
  });

  // SPEC 75
  it("is found among many cookies, and in one that is huge", () => {
    const header = `${Array.from({ length: 20_000 }, (_, index) => `c${index}=${index}`).join("; ")}; a=${"x".repeat(1e6)}`;
    expect(readCookie(header, "c19999")).toBe("19999");
    expect(readCookie(header, "a")).toHaveLength(1e6);
  });

  // SPEC 75
  it.each<[string | undefined, string | undefined]>([
    [undefined, undefined],
    ["", undefined],
    ["Bearer", undefined],
    ["Bearer ", undefined],
    ["Bearer abc", "abc"],
    ["bearer abc", "abc"],
    ["BEARER   abc  ", "abc"],
    ["Bearer a.b-c_d~e+f/g==", "a.b-c_d~e+f/g=="],
    ["Bearer \u00fc", "\u00fc"],
    ["Bearer a b", undefined],
    ["Bearer a, Bearer b", undefined],
    ["Basic abc", undefined],
    ["xBearer abc", undefined],
    ["Bearer\tabc", undefined],
    ["Bearerabc", undefined],
  ])("as authorization %j is the token %j", async (authorization, bearer) => {
    expect((await contextOf({ authorization })).bearer).toBe(bearer);
  });

  // SPEC 57
  it("are its headers, without those that only HTTP/2 knows", async () => {
    const { headers } = await contextOf({ ":path": "/x", "x-own": ["1", "2"], "x-none": undefined, accept: "*/*" });
    expect([...headers]).toEqual([
      ["accept", "*/*"],
      ["x-own", "1, 2"],
    ]);
  });
});
