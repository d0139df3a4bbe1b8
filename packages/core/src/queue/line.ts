import type { QueueEntry } from "./queue-state.ts";

/** A message on its way through a queue. */
export interface Job<Data> {
  /** What it is about, for `coalesce`; else a number of its own. */
  readonly key: string | number;
  entry: QueueEntry<Data>;
  /** Automatic retries that remain. */
  retries: number;
  /** A newer message of the same key has come while the handler was working on this one. */
  isStale: boolean;
  /** Aborts the attempt under way; `null` between attempts. */
  controller: AbortController | null;
}

/** Jobs in order, one per key. */
export interface Line<Data> {
  readonly size: number;
  /** Puts a job at the end. */
  add(job: Job<Data>): void;
  /** Removes whatever has the job's key. @returns whether there was anything */
  delete(job: Job<Data>): boolean;
  /** Takes the first one out. */
  take(): Job<Data> | undefined;
  jobs(): IterableIterator<Job<Data>>;
  /** Puts these in place of all. */
  reset(jobs?: readonly Job<Data>[]): void;
  /** What is published: the same list until something changes. */
  entries(): readonly QueueEntry<Data>[];
}

export function createLine<Data>(keyOf: (job: Job<Data>) => unknown): Line<Data> {
  let jobs = new Map<unknown, Job<Data>>();
  // A new iterator passes over everything taken since the map last grew, which adds up in a long line. One that is kept
  // while the map grows keeps all of that alive.
  let front: Iterator<Job<Data>> | null = null;
  let entries: readonly QueueEntry<Data>[] | null = null;
  const remove = (job: Job<Data>) => {
    entries = null;
    return jobs.delete(keyOf(job));
  };
  return {
    get size() {
      return jobs.size;
    },
    add(job) {
      remove(job);
      jobs.set(keyOf(job), job);
      front = null;
    },
    delete: remove,
    take() {
      front ??= jobs.values();
      const { value } = front.next();
      if (value) remove(value);
      return value;
    },
    jobs: () => jobs.values(),
    reset(next = []) {
      jobs = new Map(next.map((job) => [keyOf(job), job]));
      front = null;
      entries = null;
    },
    entries() {
      entries ??= Array.from(jobs.values(), ({ entry }) => entry);
      return entries;
    },
  };
}
