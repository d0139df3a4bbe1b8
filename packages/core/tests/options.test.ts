import { describe, expect, test } from "vitest";
import { createSSEClient, defineChannels, type SSEError, type } from "../src/index.ts";

const refusal = (options: object): SSEError => {
  try {
    createSSEClient(options as never);
  } catch (error) {
    return error as SSEError;
  }
  throw new Error("accepted");
};

// SPEC 1
describe("a wrong option is refused at once, by name and with what to pass instead", () => {
  test.each([
    [{}, "url", /http\(s\) URL/],
    [{ url: "" }, "url", /http\(s\) URL/],
    [{ url: "http://[" }, "url", /http\(s\) URL/],
    [{ url: "ws://host/x" }, "url", /ws:\/\/host\/x/],
    [{ url: "/x", herders: {} }, "herders", /headers/],
    [{ url: "/x", lingerMs: "1" }, "lingerMs", /unsigned integer/],
    [{ url: "/x", lingerMs: -1 }, "lingerMs", /unsigned integer/],
    [{ url: "/x", lingerMs: Number.NaN }, "lingerMs", /unsigned integer/],
    [{ url: "/x", maxEventChars: 1.5 }, "maxEventChars", /unsigned integer/],
    [{ url: "/x", retry: { base: 1 } }, "retry.base", /baseMs/],
    [{ url: "/x", retry: { capMs: Number.POSITIVE_INFINITY } }, "retry.capMs", /unsigned integer/],
    [{ url: "/x", retry: 5 }, "retry", /object, boolean/],
    [{ url: "/x", headers: "Authorization" }, "headers", /object, function/],
    [{ url: "/x", onError: true }, "onError", /function/],
    [{ url: "/x", channels: null }, "channels", /object/],
    [{ url: "/x", channels: { a: type() }, retain: { b: 1 } }, "retain.b", /a/],
    [{ url: "/x", retain: { b: "many" } }, "retain.b", /unsigned integer/],
    [{ url: "/x", retain: { b: { overflow: "drop-oldest" } } }, "retain.b.limit", /unsigned integer/],
  ])("%o", (options, option, message) => {
    const error = refusal(options);
    expect(error).toMatchObject({ name: "SSEError", code: "invalid-option", option });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`"${option}"`);
  });
});

test.each([
  { url: "/events" },
  { url: "events?x=1" },
  { url: new URL("https://host.test/x") },
  { url: () => "/x" },
  { url: "/x", retry: false },
  { url: "/x", retry: true },
  { url: "/x", retry: { maxAttempts: null }, lingerMs: undefined, headers: undefined },
])("%o is accepted", (options) => {
  expect(() => createSSEClient(options as never)).not.toThrow();
});

// SPEC 2
describe("channel definitions that cannot work are refused", () => {
  test.each([
    [{ "": {} }, /a name is needed/],
    [{ "a\nb": {} }, /line breaks/],
    [{ "a,b": {} }, /commas/],
    [{ a: { event: "x\ry" } }, /line breaks/],
    [{ "sse.mine": {} }, /reserved/],
    [{ "@user/1": {} }, /reserved/],
    [{ a: { event: "sse.hello" } }, /reserved/],
    [{ a: { event: "same" }, b: { event: "same" } }, /belongs to channel "a"/],
    [{ a: {}, b: { event: "a" } }, /belongs to channel "a"/],
    [{ "chat/a*": {} }, /whole segment/],
    [{ "**/a": {} }, /whole segment/],
    [{ "chat/*": { event: "chat" } }, /Take event away/],
  ])("%o", (definitions, message) => {
    expect(() => defineChannels(definitions as Record<string, object>)).toThrow(
      expect.objectContaining({ code: "invalid-channel", message: expect.stringMatching(message) }),
    );
  });
});
