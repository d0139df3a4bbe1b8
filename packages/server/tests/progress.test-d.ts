import * as v from "valibot";
import { describe, expectTypeOf, it } from "vitest";
import { createHub, defineChannels, type ProgressChannel, type ProgressEvent, type } from "../src/index.ts";

interface Report {
  readonly url: string;
}

const channels = defineChannels({
  jobs: type<ProgressEvent<Report>>(),
  "imports/*": type<ProgressEvent>(),
  mixed: type<ProgressEvent<number> | { readonly note: string }>(),
  checked: { schema: v.object({ id: v.string(), percent: v.number() }) },
  open: {},
  news: type<{ text: string }>(),
  texts: type<string>(),
});
const hub = createHub({ channels });

// SPEC 118, 119
describe("progress types", () => {
  it("take the channels whose data may be progress", () => {
    expectTypeOf<ProgressChannel<typeof channels>>().toEqualTypeOf<
      "jobs" | `imports/${string}` | "mixed" | "checked" | "open"
    >();
    // @ts-expect-error its data is something else
    hub.progress("t", { channel: "news" });
    // @ts-expect-error nobody defined it
    hub.progress("t", { channel: "nope" });
    // @ts-expect-error its data is something else
    void hub.trackProgress("t", { channel: "texts" }, () => 5);
    createHub().progress("t", { channel: "anything" }).done(5);
  });

  it("know the result by the channel", () => {
    hub.progress("t", { channel: "jobs" }).done({ url: "/x" });
    hub.progress("t", { channel: "jobs" }).done();
    hub.progress("t", { channel: "imports/7" }).done(5);
    // @ts-expect-error not this channel's result
    hub.progress("t", { channel: "jobs" }).done(5);
    const report = hub.trackProgress("t", { channel: "jobs" }, async () => ({ url: "/x", size: 5 }));
    expectTypeOf(report).resolves.toEqualTypeOf<{ url: string; size: number }>();
    // @ts-expect-error not this channel's result
    void hub.trackProgress("t", { channel: "jobs" }, async () => 5);
  });

  it("take what is known of a failure", () => {
    const task = hub.progress("t", { channel: "jobs" });
    task.fail("No space");
    task.fail(new Error("No space"));
    // @ts-expect-error nothing to show
    task.fail(5);
  });
});
