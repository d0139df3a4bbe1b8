import { ORIGIN } from "./event-id.ts";
import type { Log, LogReader } from "./log.ts";

/**
 * A log for one process: a counter. Lost with the process, which the next epoch tells clients.
 *
 * @param epoch - six base-36 characters, different at every start.
 */
export function createMemoryLog(epoch: string): Log {
  let head = ORIGIN;
  let reader: LogReader | undefined;
  return {
    epoch,
    get head() {
      return head;
    },
    open(target) {
      reader = target;
    },
    append(record) {
      const position = record.ephemeral ? head : { major: head.major + 1, minor: 0 };
      head = position;
      reader?.ingest({ ...record, position });
      return Promise.resolve(position);
    },
    async close() {
      reader = undefined;
    },
  };
}

/** Six random base-36 characters. */
export function randomEpoch(random: () => number): string {
  return Array.from({ length: 6 }, () => Math.floor(random() * 36).toString(36)).join("");
}
