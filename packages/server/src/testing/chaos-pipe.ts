import type { Socket } from "node:net";
import type { Environment } from "../environment.ts";
import type { Pace } from "./pace.ts";

/** When to end a connection: after so many bytes to the client, counted from its start or from its first body. */
export interface Cut {
  readonly from: "connection" | "body";
  readonly bytes: number;
}

/** What concerns all pipes of a proxy. */
export interface ChaosState {
  isStalled: boolean;
  pace: Pace | null;
}

/** One connection of a client joined to one to the server. */
export interface ChaosPipe {
  /** Bytes passed on to the client. */
  readonly passed: number;
  /** Sets or removes the cut; one already reached is made at once, unless nothing has passed yet. */
  arm(cut: Cut | null): void;
  /** Ends both sides now. */
  drop(): void;
  /** Ends both now, and lets the client know of an error. */
  reset(): void;
  /** Looks at the state again. */
  update(): void;
}

/** Joins two sockets; either of them ends the other. */
export function createChaosPipe(
  client: Socket,
  server: Socket,
  state: ChaosState,
  setTimer: Environment["setTimer"],
): ChaosPipe {
  const nothing = Buffer.alloc(0);
  const endOfHead = Buffer.from("\r\n\r\n");
  let passed = 0;
  let cut: Cut | null = null;
  let headEnd: number | null = null;
  // The last bytes of the head so far, in case its end is spread over chunks.
  let headTail: Buffer = nothing;
  let pending: Buffer = nothing;
  let isDraining = false;
  let cancelPause: (() => void) | undefined;

  function endPause() {
    cancelPause?.();
    cancelPause = undefined;
  }

  function stop() {
    pending = nothing;
    endPause();
    server.destroy();
  }

  function drop() {
    stop();
    client.destroy();
  }

  // Destroying drops what the socket still holds, so first let the system have all that counts as passed on.
  function dropAfter(last: Buffer) {
    stop();
    client.unpipe(server);
    client.resume();
    client.end(last, () => client.destroy());
  }

  function findHeadEnd(chunk: Buffer) {
    if (headEnd !== null) return;
    const seen = Buffer.concat([headTail, chunk]);
    const index = seen.indexOf(endOfHead);
    if (index === -1) headTail = seen.subarray(-(endOfHead.length - 1));
    else headEnd = passed - headTail.length + index + endOfHead.length;
  }

  function limit(): number {
    if (cut === null) return Number.POSITIVE_INFINITY;
    if (cut.from === "connection") return cut.bytes;
    return headEnd === null ? Number.POSITIVE_INFINITY : headEnd + cut.bytes;
  }

  function pass(piece: Buffer) {
    findHeadEnd(piece);
    const allowed = limit() - passed;
    if (piece.length < allowed) {
      passed += piece.length;
      isDraining = !client.write(piece);
      return;
    }
    passed += allowed;
    dropAfter(piece.subarray(0, allowed));
  }

  function pump() {
    while (pending.length > 0 && !state.isStalled && !cancelPause) {
      const piece = state.pace ? pending.subarray(0, state.pace.bytes) : pending;
      pending = pending.subarray(piece.length);
      if (state.pace) cancelPause = setTimer(resume, state.pace.everyMs);
      pass(piece);
    }
    if (state.isStalled || isDraining || cancelPause) server.pause();
    else server.resume();
  }

  function resume() {
    endPause();
    pump();
  }

  server.on("data", (chunk) => {
    pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
    pump();
  });
  server.on("end", () => client.end());
  server.on("error", () => dropAfter(nothing));
  client.on("drain", () => {
    isDraining = false;
    pump();
  });
  client.on("error", drop);
  client.on("close", stop);
  client.pipe(server);
  pump();

  return {
    get passed() {
      return passed;
    },
    arm(next) {
      cut = next;
      if (passed > 0 && passed >= limit()) dropAfter(nothing);
    },
    drop,
    reset() {
      stop();
      client.resetAndDestroy();
    },
    update: resume,
  };
}
