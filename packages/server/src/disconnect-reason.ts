/**
 * Why a stream is over: the client left, took nothing for too long, turned out to be gone at a write, its permission ended,
 * or the hub was closed.
 */
export type DisconnectReason = "client" | "slow" | "write-failed" | "expired" | "shutdown";
