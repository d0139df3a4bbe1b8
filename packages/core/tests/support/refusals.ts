import { vi } from "vitest";
import type { ClientOptions } from "../../src/index.ts";
import type { TestClient } from "./test-client.ts";

/** Answers the next request of a client with a refusal. */
export async function refuse({ harness, settle }: TestClient<never>, status = 401) {
  const request = await harness.nextRequest();
  request.respond({ status });
  request.end();
  await settle();
}

/** A refresh that ends when the test says so. */
export function createRefresh() {
  const calls: { signal: AbortSignal; end: () => void; fail: (error: unknown) => void }[] = [];
  const refresh = vi.fn<NonNullable<ClientOptions["onUnauthorized"]>>(
    ({ signal }) => new Promise<void>((end, fail) => calls.push({ signal, end, fail })),
  );
  return { refresh, calls };
}
