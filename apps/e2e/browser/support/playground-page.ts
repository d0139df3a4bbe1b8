import { expect, type Locator, type Page, type Request } from "@playwright/test";
import type { PublishedEvent } from "./playground-server.ts";
import type { Problems } from "./problems.ts";

type ButtonName =
  | "connect"
  | "disconnect"
  | "reconnect"
  | "pause-stream"
  | "drop"
  | "cut"
  | "stall"
  | "restart"
  | "expire"
  | "overload"
  | "buffer"
  | "snapshot-fails"
  /** Of the message log. */
  | "pause"
  | "frames"
  | "pause-frames"
  | "clear-frames"
  | "watch"
  | "server"
  | "start-job"
  | "start-failing-job"
  | "cancel-job";

/** The one page of a front end, as all of them show it. */
export interface PlaygroundPage {
  readonly status: Locator;
  readonly gaps: Locator;
  readonly lastEventId: Locator;
  /** What carries the stream. */
  readonly transport: Locator;
  /** Lines of the ticker that may have been traded unseen. */
  readonly oldRows: Locator;
  /** What passed over the wire. */
  readonly frames: Locator;
  /** Opens it and waits until it is live and shows prices. */
  open(query?: string): Promise<void>;
  button(name: ButtonName): Locator;
  /** Opens the panel of raw frames where it is closed; a browser that is busy may load a narrow page as a wide one. */
  showFrames(): Promise<void>;
  price(symbol: string): Locator;
  service(name: string): Locator;
  /** Has the server's figures and the tasks shown, and waits for the figures. */
  showServer(): Promise<void>;
  /** A figure of the server. */
  serverFigure(name: string): Locator;
  /** A long task, by its number. */
  job(number: number): Locator;
  jobState(number: number): Locator;
  /** What the page calls itself to the server. */
  guest(): Promise<string>;
  /** A figure of the page, as a number. */
  figure(name: string): Promise<number>;
  /** Every message so far, on a page opened with `?trace`. */
  trace(): Promise<PublishedEvent[]>;
  /** The `Last-Event-ID` that each stream of the page began with; `undefined` for none. */
  presentedIds(): Promise<(string | undefined)[]>;
  /** Says that this test has a request of the page find nobody. */
  expectRefused(path: string): void;
  /** Says that this test has the server refuse requests of the page with this status. */
  expectStatus(path: string, status: number): void;
  /** Says that this test has the page fall back to polling, of which it warns on the console. */
  expectPolling(): void;
  /** Says that this test breaks the stream, which browsers report on their console. */
  expectBrokenStreams(): void;
  /** Says that this test has the page give up its stream. */
  expectAbortedStreams(): void;
}

/** @param url - of the front end */
export function createPlaygroundPage(page: Page, problems: Problems, url: string): PlaygroundPage {
  const status = page.getByTestId("status");
  const streams: Request[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/api/sse" && request.method() === "GET") streams.push(request);
  });
  const button = (name: ButtonName) => page.getByTestId(`btn-${name}`);
  const serverFigure = (name: string) => page.getByTestId(`server-${name}`);
  const price = (symbol: string) => page.getByTestId(`price-${symbol}`);
  return {
    status,
    gaps: page.getByTestId("gap"),
    lastEventId: page.getByTestId("last-event-id"),
    transport: page.getByTestId("transport"),
    oldRows: page.locator("[data-old=true]"),
    frames: page.getByTestId("frame"),
    async open(query = "") {
      await page.goto(url + query);
      await expect(status).toHaveAttribute("data-status", "open");
      await expect(price("ACME")).toBeVisible();
    },
    button,
    async showFrames() {
      if ((await button("frames").getAttribute("aria-expanded")) === "false") await button("frames").click();
    },
    price,
    service: (name) => page.getByTestId(`service-${name}`),
    async showServer() {
      await button("server").press("Enter");
      await expect(serverFigure("uptime")).toHaveText(/\d/);
    },
    serverFigure,
    job: (number) => page.getByTestId(`job-${number}`),
    jobState: (number) => page.getByTestId(`job-${number}`).getByTestId("job-state"),
    guest: () => page.evaluate(() => sessionStorage.getItem("guest") ?? ""),
    async figure(name) {
      const text = await page.getByTestId(`stat-${name}`).textContent();
      return Number(text?.replaceAll(",", ""));
    },
    trace: () => page.evaluate(() => (globalThis as unknown as { __trace: PublishedEvent[] }).__trace),
    presentedIds: () => Promise.all(streams.map(async (request) => (await request.allHeaders())["last-event-id"])),
    expectRefused: (path) => problems.allowFailure(path, "net::ERR_CONNECTION_REFUSED"),
    expectStatus: problems.allowStatus,
    expectPolling: () => problems.allowWarning("do not get through, so it is polled"),
    expectBrokenStreams: () => problems.allowFailure("/api/sse", "net::ERR_INCOMPLETE_CHUNKED_ENCODING"),
    expectAbortedStreams: () => problems.allowFailure("/api/sse", "net::ERR_ABORTED"),
  };
}
