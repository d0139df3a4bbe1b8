// Run by `startChild`: serves one stream until its parent is gone, so that writing it costs no contender any CPU.
import { createEventStream } from "./event-stream.ts";
import { startStreamServer } from "./stream-server.ts";

const [dataBytes, events] = process.argv.slice(2).map(Number);
process.on("disconnect", () => process.exit());
process.send?.((await startStreamServer(createEventStream(dataBytes!, events!))).url);
