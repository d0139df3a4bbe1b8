import type { SSEError } from "../errors.ts";
import type { ClientOptions } from "../options.ts";

type Refresh = NonNullable<ClientOptions["onUnauthorized"]>;

/** A call of such a function; over once nobody waits for it any more. */
interface Call {
  waiting: number;
  readonly over: AbortController;
  result?: Promise<void>;
}

// Clients that were given the same function, as one of the whole application, have nowhere else to meet.
const calls = new WeakMap<Refresh, Call>();

/**
 * Renews credentials. Whoever asks the same function for it while a call is under way waits for that call: renewing twice
 * at once often makes the first outcome invalid.
 *
 * @param signal - aborted when the caller does not wait any more, also because the call has ended
 */
export function refreshOnce(refresh: Refresh, cause: SSEError, signal: AbortSignal): Promise<void> {
  const call: Call = calls.get(refresh) ?? { waiting: 0, over: new AbortController() };
  calls.set(refresh, call);
  call.waiting++;
  const leave = () => {
    if (--call.waiting) return;
    calls.delete(refresh);
    call.over.abort();
  };
  signal.addEventListener("abort", leave, { once: true });
  call.result ??= (async () => refresh({ cause, signal: call.over.signal }))();
  return call.result;
}
