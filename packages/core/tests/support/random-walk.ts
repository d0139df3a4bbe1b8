import type { FakeEnvironment } from "test-kit/fake-environment";
import type { ConnectionState } from "../../src/index.ts";

export const LINGER_MS = 100;

/** Notes a fault unless all is fine. */
type Check = (isFine: boolean, fault: string) => unknown;

/** What a page and a machine may do, whatever is tried on them. */
export function createMachineActions(environment: FakeEnvironment): Record<string, (pick: number) => void> {
  const { clock } = environment;
  return {
    online: () => environment.emitPageEvent("online"),
    offline: () => environment.emitPageEvent("offline"),
    hide: () => environment.setHidden(true),
    show: () => environment.setHidden(false),
    pagehide: () => environment.emitPageEvent("pagehide"),
    pageshow: () => environment.emitPageEvent("pageshow"),
    moment: (pick) => clock.advance(pick * 10),
    while: (pick) => clock.advance(pick * 300),
    sleep: (pick) => {
      clock.sleep(pick * 6_000);
      clock.advance(0);
    },
    flush: () => environment.flush(),
  };
}

/** How many linger times may still be running. */
export function countLingering(leftAts: readonly number[], { clock }: FakeEnvironment): number {
  return leftAts.filter((at) => clock.now() - at <= LINGER_MS).length;
}

/** What holds of every state a user can see, and of what is under way in it. */
export function checkState(
  check: Check,
  { status, reason, attempt, nextRetryAt, cause, stale, pausedBy }: ConnectionState,
  environment: FakeEnvironment,
  { live, lingering, isClosed }: { live: number; lingering: number; isClosed: boolean },
): void {
  const { timers, listeners } = environment.leaks();
  const isAtRest = status === "idle" || status === "closed";
  const isQuiet = isAtRest || status === "paused" || nextRetryAt !== null;
  check(live <= (isQuiet ? 0 : 1), `${live} requests or streams while ${status}`);
  check(status !== "open" || live === 1, "open without a stream");
  check(!isAtRest || timers <= lingering, `${timers} timers while ${status}`);
  check(isAtRest === (listeners === 0), `${listeners} listeners while ${status}`);
  check(pausedBy.length === 0 || isAtRest || status === "paused", `${status} with reasons to pause`);
  check(status !== "paused" || pausedBy.length > 0, "paused for no reason");
  check(nextRetryAt === null || status === "reconnecting", `${status} has a retry time`);
  check((reason !== null) === (status === "closed"), "a reason exactly while closed");
  check(status !== "idle" || (attempt === 0 && cause === null), "an idle client remembers");
  check(status !== "open" || cause === null, "an open client has a cause");
  check(!stale || status === "open", `${status} and stale`);
  check(!isClosed || status === "closed", `${status} after being closed`);
}
