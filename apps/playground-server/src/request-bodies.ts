import * as v from "valibot";

const count = (max: number) =>
  v.pipe(
    v.number("Pass a number."),
    v.integer("Pass an integer."),
    v.minValue(1, "Pass 1 or more."),
    v.maxValue(max, `Pass ${max} or less.`),
  );
const flag = v.boolean("Pass true or false.");
const unknownField = "Unknown field, or the body is no object.";

export const Nothing = v.strictObject({}, unknownField);
export const Cut = v.strictObject({ afterBytes: count(1_000_000), next: v.optional(flag, false) }, unknownField);
export const Overload = v.strictObject({ seconds: count(60) }, unknownField);
export const Switches = v.strictObject({ buffer: v.optional(flag), snapshotFails: v.optional(flag) }, unknownField);
export const StartJob = v.strictObject({ fails: v.optional(flag, false) }, unknownField);
export const CancelJob = v.strictObject({ id: v.string("Pass the id of a task.") }, unknownField);
export const Rate = v.strictObject({ tickMs: v.nullable(count(60_000)) }, unknownField);
