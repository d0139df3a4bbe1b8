import type { Socket } from "node:net";

/** When to destroy a connection: after so many server→client bytes, counted from its start or its first body. */
export interface Cut {
  from: "connection" | "body";
  bytes: number;
}

/** One client connection joined to one server connection. */
export interface CuttablePipe {
  /** Server→client bytes passed on. */
  readonly passed: number;
  /** Sets or removes the cut; one already reached is made at once, unless nothing has passed yet. */
  arm(cut: Cut | null): void;
  /** Destroys both sides now. */
  destroy(): void;
  /** Looks at `isStalled` again. */
  updateStall(): void;
}

const endOfHead = Buffer.from("\r\n\r\n");
const nothing = Buffer.alloc(0);

/** Joins two sockets; either of them ends the other. */
export function createCuttablePipe(client: Socket, server: Socket, isStalled: () => boolean): CuttablePipe {
  let passed = 0;
  let cut: Cut | null = null;
  let headEnd: number | null = null;
  // The last bytes of the head so far, in case its end is spread over chunks.
  let headTail: Buffer = nothing;
  let draining = false;

  const destroy = (): void => {
    client.destroy();
    server.destroy();
  };

  // Destroying drops what the socket still holds, so first let the system have all that counts as passed on.
  const destroyAfter = (last: Buffer): void => {
    client.unpipe(server);
    client.resume();
    server.destroy();
    client.end(last, destroy);
  };

  const findHeadEnd = (chunk: Buffer): void => {
    if (headEnd !== null) return;
    const seen = Buffer.concat([headTail, chunk]);
    const index = seen.indexOf(endOfHead);
    if (index === -1) headTail = seen.subarray(-(endOfHead.length - 1));
    else headEnd = passed - headTail.length + index + endOfHead.length;
  };

  const limit = (): number => {
    if (cut === null) return Number.POSITIVE_INFINITY;
    if (cut.from === "connection") return cut.bytes;
    return headEnd === null ? Number.POSITIVE_INFINITY : headEnd + cut.bytes;
  };

  const updateStall = (): void => {
    if (isStalled() || draining) server.pause();
    else server.resume();
  };

  server.on("data", (chunk) => {
    findHeadEnd(chunk);
    const allowed = limit() - passed;
    if (chunk.length < allowed) {
      passed += chunk.length;
      draining = !client.write(chunk);
      if (draining) updateStall();
      return;
    }
    passed += allowed;
    destroyAfter(chunk.subarray(0, allowed));
  });
  server.on("end", () => client.end());
  server.on("error", () => destroyAfter(nothing));
  client.on("drain", () => {
    draining = false;
    updateStall();
  });
  client.on("error", destroy);
  client.on("close", () => server.destroy());
  client.pipe(server);
  updateStall();

  return {
    get passed() {
      return passed;
    },
    arm(next) {
      cut = next;
      if (passed > 0 && passed >= limit()) destroyAfter(nothing);
    },
    destroy,
    updateStall,
  };
}
