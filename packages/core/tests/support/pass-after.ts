import type { StandardSchema } from "../../src/index.ts";

/** A schema that lets everything pass, after what the test has it wait for. */
export const passAfter = <Data = unknown>(wait: (value: Data) => Promise<void> | void): StandardSchema<Data> => ({
  "~standard": {
    version: 1,
    vendor: "test",
    async validate(value) {
      await wait(value as Data);
      return { value: value as Data };
    },
  },
});
