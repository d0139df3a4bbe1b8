import type { ChannelDefinitions, ChannelInput, ChannelName } from "./define-channels.ts";

/** Where a task stands. It begins as `pending` and ends as `completed` or `failed`. */
export type ProgressStatus = "pending" | "running" | "completed" | "failed";

/** Why a task failed. */
export interface ProgressError {
  /** `cancelled` when somebody wanted it so. */
  readonly code: "failed" | "cancelled";
  /** For the user. */
  readonly message: string;
}

/** What is published about a task: all that is to be shown, not only what has changed. */
export interface ProgressEvent<Result = unknown> {
  /** Name of the task. */
  readonly id: string;
  readonly status: ProgressStatus;
  /** How much is done, from 0 to 100. Never less than before. */
  readonly percent: number;
  /** What is being done; empty when nobody said. */
  readonly message: string;
  /** What came of it, when it is completed and has a result. */
  readonly result?: Result;
  /** Why it failed, when it has. */
  readonly error?: ProgressError;
}

/** The channels whose data may be a {@link ProgressEvent}. */
export type ProgressChannel<Definitions extends ChannelDefinitions> = {
  [Name in keyof Definitions & string]: ProgressEvent<never> extends ChannelInput<Definitions, Name>
    ? ChannelName<Pick<Definitions, Name>>
    : never;
}[keyof Definitions & string];

/** What a task may give as its result, by the channel on which its progress is told. */
export type ProgressResult<Definitions extends ChannelDefinitions, Name extends string> =
  unknown extends ChannelInput<Definitions, Name>
    ? unknown
    : ChannelInput<Definitions, Name> extends ProgressEvent<infer Result>
      ? Result
      : unknown;
