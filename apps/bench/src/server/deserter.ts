import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { CHANNEL } from "./payload.ts";
import { requestOf } from "./sink.ts";

/** When a client leaves. */
export const MOMENTS = ["before-headers", "authorize", "replay", "live", "change"] as const;
type Moment = (typeof MOMENTS)[number];

/** What {@link desert} needs. */
export interface Desertion {
  readonly port: number;
  /** Everything in the history comes after it. */
  readonly oldestId: string;
  readonly user: string;
  random(): number;
}

/** Connects, and leaves without a word at some random moment of the kind. */
export async function desert(moment: Moment, desertion: Desertion): Promise<void> {
  const { port, random } = desertion;
  const caller = openCaller(port);
  const path = `/?channels=${CHANNEL}&user=${desertion.user}`;
  try {
    await {
      async "before-headers"() {
        const request = requestOf(path);
        caller.socket.write(request.slice(0, Math.floor(random() * request.length)));
        await sleep(random() * 5);
      },
      async authorize() {
        caller.socket.write(requestOf(`${path}&deliberate=1`));
        await sleep(random() * 20);
      },
      async replay() {
        caller.socket.write(requestOf(path, [`Last-Event-ID: ${desertion.oldestId}`]));
        await caller.untilBytes(1 + random() * 300_000);
      },
      async live() {
        caller.socket.write(requestOf(path));
        await caller.untilBytes(1_000 + random() * 10_000);
      },
      async change() {
        caller.socket.write(requestOf(path));
        await changeAndLeave(caller, desertion, path);
      },
    }[moment]();
  } finally {
    leave(caller.socket, random);
  }
}

/** Asks for channels, and leaves either of the two connections first, at any byte of the request or after it. */
async function changeAndLeave(stream: Caller, { port, random }: Desertion, path: string): Promise<void> {
  await stream.untilBytes(500);
  const conn = /"conn":"([^"]+)"/.exec(stream.head())?.[1];
  if (!conn) return;
  const body = JSON.stringify({ conn, subscribe: [`extra-${Math.floor(random() * 10)}`] });
  const headers = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const request = headers + body;
  const changer = openCaller(port);
  try {
    const isWhole = random() < 0.5;
    changer.socket.write(isWhole ? request : request.slice(0, Math.floor(random() * request.length)));
    if (isWhole && random() < 0.5) await changer.untilBytes(1);
    else await sleep(random() * 10);
    if (random() < 0.5) leave(stream.socket, random);
    await sleep(random() * 5);
  } finally {
    leave(changer.socket, random);
  }
}

interface Caller {
  readonly socket: Socket;
  /** The first of what was received. */
  head(): string;
  /** Once so much was received, or nothing more comes. */
  untilBytes(bytes: number): Promise<void>;
}

/** Longest that it is waited for bytes: some ask for more than there is. */
const PATIENCE_MS = 100;
const HEAD_CHARS = 4_000;

function openCaller(port: number): Caller {
  const socket = connect({ host: "127.0.0.1", port });
  let head = "";
  let received = 0;
  let onBytes = () => {};
  socket.on("data", (piece) => {
    received += piece.length;
    if (head.length < HEAD_CHARS) head += piece;
    onBytes();
  });
  // That the server has hung up first is as good.
  socket.on("error", () => {});
  return {
    socket,
    head: () => head,
    untilBytes: (bytes) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, PATIENCE_MS);
        onBytes = () => {
          if (received < bytes) return;
          clearTimeout(timer);
          resolve();
        };
        onBytes();
      }),
  };
}

/** Politely for TCP, or not even that. */
function leave(socket: Socket, random: () => number): void {
  if (random() < 0.5) socket.destroy();
  else socket.resetAndDestroy();
}
