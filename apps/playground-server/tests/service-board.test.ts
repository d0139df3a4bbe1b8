import { expect, test } from "vitest";
import { serviceNames } from "../src/listings.ts";
import { createRandom } from "../src/random.ts";
import { createServiceBoard } from "../src/service-board.ts";

test("the board changes in the same way from the same seed", () => {
  const changes = (seed: number) => {
    const board = createServiceBoard(createRandom(seed));
    return Array.from({ length: 100 }, (_, at) => board.next(at));
  };
  expect(changes(4)).toEqual(changes(4));
  expect(changes(4)).not.toEqual(changes(5));
});

test("every change is one step, and the board holds the last of each service", () => {
  const board = createServiceBoard(createRandom(2));
  const states = new Map(board.all(0).map(({ name, state }) => [name, state]));
  expect([...states.keys()]).toEqual(serviceNames);
  for (let at = 1; at < 500; at++) {
    const { name, state } = board.next(at);
    expect([states.get(name), state].filter((each) => each === "degraded")).toHaveLength(1);
    states.set(name, state);
  }
  expect(new Map(board.all(0).map(({ name, state }) => [name, state]))).toEqual(states);
});
