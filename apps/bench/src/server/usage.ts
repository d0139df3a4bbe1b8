/** What a process holds, in bytes. */
export interface Memory {
  readonly rss: number;
  /** Objects, and the bytes of buffers. Not what the platform holds for itself, such as compiled code. */
  readonly heap: number;
}

/** Reads it without what nobody holds any more. */
export async function readMemory(): Promise<Memory> {
  // Twice and apart, as what a finalizer lets go of, or a closing socket, is only found by the next one.
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { rss, heap: heapUsed + arrayBuffers };
}

/** Counts what this process has used of the processor, threads of the compiler and the garbage collector included. */
export function createCpuMeter() {
  let started = process.cpuUsage();
  return {
    restart() {
      // What is left from before is not charged to what comes.
      globalThis.gc?.();
      started = process.cpuUsage();
    },
    /** In microseconds. */
    read: () => process.cpuUsage(started),
  };
}

/** Timers that keep the process alive. Those that `node:http` has for itself do not. */
export function countTimers(): number {
  return process.getActiveResourcesInfo().filter((type) => type === "Timeout").length;
}

/** @throws after `timeoutMs`, with a sentence of what was waited for */
export async function until(isSo: () => boolean, what: () => string, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`Not after ${timeoutMs / 1_000} s: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
