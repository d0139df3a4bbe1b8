// Run by `startRemote`: clients of one server, so that reading costs the server nothing.
import type { Socket } from "node:net";
import { openReader, type Reader } from "./reader.ts";
import { serveCommands } from "./remote.ts";
import { openDeafSink, openSink, type Sink } from "./sink.ts";
import { until } from "./usage.ts";

const port = Number(process.argv[2]);
const sinks: Sink[] = [];
const readers: Reader[] = [];
const deaf: Socket[] = [];
let heard = new Map<Sink, number>();

/** So many at once that nothing waits, and the queue of the listening socket holds them all. */
const AT_ONCE = 100;

async function openAll<Opened>(paths: readonly string[], into: Opened[], open: (path: string) => Promise<Opened>) {
  for (let start = 0; start < paths.length; start += AT_ONCE)
    into.push(...(await Promise.all(paths.slice(start, start + AT_ONCE).map(open))));
}

const commands = {
  openSinks: (paths: readonly string[]) => openAll(paths, sinks, (path) => openSink(port, path)),
  openReaders: (count: number) => openAll(Array(count).fill("/"), readers, () => openReader(port)),
  openDeaf: (count: number) => openAll(Array(count).fill("/"), deaf, (path) => openDeafSink(port, path)),
  /** Once every sink has had exactly so many events. */
  async untilSunk(each: number) {
    const late = () => sinks.filter(({ events }) => events < each);
    const isSo = () => sinks.every(({ events }) => events >= each);
    await until(isSo, () => `${late().length} of ${sinks.length} clients have not got ${each} events.`);
    const more = sinks.find(({ events }) => events > each);
    if (more) throw new Error(`${each} events were sent, and a client got ${more.events}.`);
  },
  /** Once every reader has had so many events, in order. */
  async untilRead(each: number) {
    const late = () => readers.filter(({ inOrder }) => inOrder < each);
    const faults = () => readers.reduce((sum, reader) => sum + reader.faults, 0);
    const isSo = () => faults() > 0 || late().length === 0;
    await until(isSo, () => `${late().length} of ${readers.length} readers have not got ${each} events.`);
    return faults();
  },
  bytes: () => sinks.reduce((sum, { bytes }) => sum + bytes, 0),
  listen() {
    heard = new Map(sinks.map((sink) => [sink, sink.bytes]));
  },
  /** How many sinks have been sent something since they began to listen. */
  heard: () => sinks.filter((sink) => sink.bytes > (heard.get(sink) ?? 0)).length,
  /** Leaves without a word. */
  destroySinks() {
    for (const { socket } of sinks.splice(0)) socket.destroy();
  },
};
export type ClientCommands = typeof commands;
serveCommands(commands);
