import type { Contender } from "./contender.ts";

/** What one event cost in one run. */
export interface Sample {
  /** User and system time of the whole process: compiling and collecting garbage on other threads is paid for, too. */
  readonly cpuMicros: number;
  readonly wallMicros: number;
}

/** @throws unless every event was delivered, once and in order: a contender that does less must not look fast */
export async function measure(contender: Contender, url: string, events: number): Promise<Sample> {
  let calls = 0;
  let inOrder = 0;
  const startedMs = performance.now();
  const started = process.cpuUsage();
  await contender.read(url, ({ seq }) => {
    calls++;
    if (seq === inOrder + 1) inOrder = seq;
  });
  const { user, system } = process.cpuUsage(started);
  const wallMs = performance.now() - startedMs;
  if (calls !== events || inOrder !== events)
    throw new Error(`${events} events were sent; ${calls} were delivered, of which in order: ${inOrder}.`);
  return { cpuMicros: (user + system) / events, wallMicros: (wallMs * 1_000) / events };
}
