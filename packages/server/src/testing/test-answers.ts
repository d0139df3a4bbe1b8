import type { GapData } from "../control-frames.ts";
import type { TestChangeAnswer, TestPollAnswer } from "./test-client.ts";
import { toTestEvent } from "./test-event.ts";
import type { TestReply } from "./test-requests.ts";

/** Reads the answer to a change. */
export function toChangeAnswer({ status, text, json }: TestReply): TestChangeAnswer {
  const { channels = [], rejected = [], error } = json as Partial<TestChangeAnswer>;
  return { status, channels, rejected, error, text };
}

/** What a poll is answered with. */
interface PollBody {
  readonly events: readonly { readonly id: string; readonly event: string; readonly data: string }[];
  readonly gaps: readonly GapData[];
  readonly id: string;
  readonly retryMs: number;
  readonly error: string;
}

/** Reads the answer to a poll. */
export function toPollAnswer({ status, text, json }: TestReply): TestPollAnswer {
  const { events = [], gaps = [], id, retryMs, error } = json as Partial<PollBody>;
  return { status, events: events.flatMap((event) => toTestEvent(event) ?? []), gaps, id, retryMs, error, text };
}
