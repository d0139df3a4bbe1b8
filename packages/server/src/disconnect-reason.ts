/**
 * Why a stream is over: the client left, took nothing for too long, turned out to be gone at a write, its permission ended
 * or was withdrawn, it had been open for `maxConnectionMs`, or the hub was closed.
 */
export type DisconnectReason = "client" | "slow" | "write-failed" | "expired" | "max-age" | "shutdown";
