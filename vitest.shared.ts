// What every package's tests share. Tests run against the sources (the "@x/source" export
// condition), so no package need be built first.
import type { UserConfig } from "vite";

/** Thousands of random histories take seconds, and many times that on a busy machine. In milliseconds. */
export const testTimeout = 60_000;

const own = ["@x/source"];
const modes = "development|production";

/** For packages that run in Node.js. */
export const node: UserConfig = {
  resolve: { conditions: [...own, "module", "node", modes] },
  ssr: { resolve: { conditions: [...own, "module", "node", modes] } },
};

/** For packages that run in a browser, real or simulated. */
export const browser: UserConfig = {
  resolve: { conditions: [...own, "module", "browser", modes] },
};
