import { expect, test, vi } from "vitest";
import { createSSEClient } from "../src/index.ts";

// SPEC 89
test("what belongs to a client is made once per key and client", () => {
  const client = createSSEClient({ url: "/events" });
  const other = createSSEClient({ url: "/events" });
  const create = vi.fn(() => ({}));
  for (const key of ["name", "__proto__", Symbol("name"), {}]) {
    const made = client.extension(key, create);
    expect(client.extension(key, create)).toBe(made);
    expect(other.extension(key, create)).not.toBe(made);
  }
  expect(create).toHaveBeenCalledTimes(8);
});

// SPEC 89
test("what is nothing is made once as well; what throws is made by the next one", () => {
  const client = createSSEClient({ url: "/events" });
  const create = vi.fn().mockReturnValue(undefined);
  client.extension("a", create);
  client.extension("a", create);
  expect(create).toHaveBeenCalledOnce();
  const fail = vi.fn().mockImplementationOnce(() => {
    throw new Error("later");
  });
  fail.mockReturnValue(7);
  expect(() => client.extension("b", fail)).toThrow("later");
  expect(client.extension("b", fail)).toBe(7);
});
