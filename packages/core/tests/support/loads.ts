import type { ChannelSnapshot, SnapshotContext } from "../../src/index.ts";

interface Load extends SnapshotContext {
  resolve(value: ChannelSnapshot<unknown>): void;
  reject(error: unknown): void;
}

/** Loaders that the test answers by hand. */
export function createLoads() {
  const loads: Load[] = [];
  const load = (context: SnapshotContext) =>
    new Promise<ChannelSnapshot<unknown>>((resolve, reject) => void loads.push({ ...context, resolve, reject }));
  return { loads, load };
}
