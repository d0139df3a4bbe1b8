/**
 * Why a connection is `closed`: `user` (`disconnect()` or `close()`), `server` (answer 204), `unauthorized`, `attempts`
 * (`retry.maxAttempts` used up) or `error` (what retrying cannot mend, or may not be retried; `cause` tells).
 */
export type CloseReason = "user" | "server" | "unauthorized" | "attempts" | "error";
