import { type DecodingVector, event, vector } from "./decoding-vector.ts";

const digits = "retry sets the reconnection time to its value read in base ten.";
const onlyDigits = "A retry whose value is not made of ASCII digits only is ignored.";
const atOnce = "retry takes effect when its line has been read; it needs no blank line and dispatches nothing.";

// After a valid value, so that "ignored" differs from "reset".
const ignored = (name: string, value: string): DecodingVector =>
  vector(name, onlyDigits, `retry: 1000\nretry:${value}\ndata: a\n\n`, { events: [event("a")], retryMs: 1000 });

/** The reconnection time. */
export const retryVectors: readonly DecodingVector[] = [
  vector("retry with digits", digits, "retry: 3000\ndata: a\n\n", { events: [event("a")], retryMs: 3000 }),
  vector("retry without a space", digits, "retry:3000\n\n", { retryMs: 3000 }),
  vector("retry with leading zeros is decimal", digits, "retry: 007\ndata: a\n\n", {
    events: [event("a")],
    retryMs: 7,
  }),
  vector("retry with a leading zero is not octal", digits, "retry: 010\n\n", { retryMs: 10 }),
  vector("retry of zero", digits, "retry: 0\n\n", { retryMs: 0 }),
  vector("retry beyond the range of timers", digits, "retry: 99999999999\n\n", { retryMs: 99_999_999_999 }),
  vector("retry beyond the safe integers", digits, "retry: 100000000000000000000\n\n", { retryMs: 1e20 }),
  vector("the last retry wins", digits, "retry: 1\nretry: 2\n\nretry: 3\n\n", { retryMs: 3 }),
  vector("retry is not an event", atOnce, "retry: 5\n\n", { retryMs: 5 }),
  vector("retry in a block cut off by the end applies", atOnce, "data: a\nretry: 5\n", { retryMs: 5 }),
  vector("a retry line cut off by the end is discarded", atOnce, "retry: 5\n\nretry: 60", { retryMs: 5 }),
  vector("retry does not reset what its block has collected", atOnce, "event: e\ndata: a\nretry: 5\ndata: b\n\n", {
    events: [event("a\nb", "", "e")],
    retryMs: 5,
  }),
  ignored("retry with a letter at the end", " 500a"),
  ignored("retry with a letter at the start", " a500"),
  ignored("retry with a minus", " -1"),
  ignored("retry with a plus", " +500"),
  ignored("retry with a fraction", " 1.5"),
  ignored("retry with an exponent", " 1e3"),
  ignored("retry in hexadecimal", " 0x10"),
  ignored("retry with a separator", " 1_000"),
  ignored("retry with an Arabic-Indic digit", " \u0663"),
  ignored("retry with full-width digits", " \uFF11\uFF12"),
  ignored("retry with a superscript digit", " 5\u00B2"),
  ignored("retry with two leading spaces", "  500"),
  ignored("retry with a leading tab", "\t500"),
  ignored("retry with a trailing space", " 500 "),
  ignored("retry with NUL", " 500\0"),
  ignored("retry with an empty value", ""),
  ignored("retry with a value of one space", " "),
  vector("retry without a colon is ignored", onlyDigits, "retry: 1000\nretry\n\n", { retryMs: 1000 }),
  vector("a first retry that is ignored sets nothing", onlyDigits, "retry: soon\nretry:\ndata: a\n\n", {
    events: [event("a")],
  }),
];
