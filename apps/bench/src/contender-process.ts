// Run by `startChild`: measures one contender whenever it is told to.
import { type ContenderName, contenders } from "./contenders.ts";
import { measure } from "./measure.ts";

const [name, url, events] = process.argv.slice(2);
const contender = await contenders[name as ContenderName]();
process.on("disconnect", () => process.exit());
process.on("message", async () => {
  // What one run leaves behind is not charged to the next.
  globalThis.gc?.();
  process.send?.(await measure(contender, url!, Number(events)));
});
