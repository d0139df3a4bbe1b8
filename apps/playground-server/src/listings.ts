/** What is traded. */
export interface Listing {
  readonly symbol: string;
  readonly company: string;
  /** Price at the start of the day. */
  readonly open: number;
}

export const listings: readonly [Listing, ...Listing[]] = [
  { symbol: "ACME", company: "Acme Robotics", open: 182.4 },
  { symbol: "BOLT", company: "Bolt Energy", open: 64.15 },
  { symbol: "CRUX", company: "Crux Materials", open: 31.82 },
  { symbol: "DYNE", company: "Dyne Aerospace", open: 447.9 },
  { symbol: "ECHO", company: "Echo Audio", open: 18.06 },
  { symbol: "FLUX", company: "Flux Networks", open: 96.73 },
  { symbol: "GRID", company: "Grid Utilities", open: 52.48 },
  { symbol: "HALO", company: "Halo Health", open: 275.3 },
  { symbol: "IRIS", company: "Iris Optics", open: 121.57 },
  { symbol: "JUNO", company: "Juno Foods", open: 39.24 },
];

/** What the service board watches. */
export const serviceNames: readonly [string, ...string[]] = [
  "orders",
  "pricing",
  "clearing",
  "accounts",
  "reports",
  "login",
];
