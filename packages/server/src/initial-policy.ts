/**
 * What a stream without a position begins with: nothing, the newest event of each key that was published with `latest`, the
 * newest event of all (the newest per key where they have one), or that many of the newest events.
 */
export type InitialPolicy = "none" | "latest" | "last" | number;
