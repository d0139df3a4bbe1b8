import type { GapData } from "../control-frames.ts";
import type { StreamOptions } from "../stream-options.ts";
import type { TestHello } from "./client-position.ts";
import type { EventPredicate } from "./inbox.ts";
import type { ManualEnvironment } from "./manual-environment.ts";
import type { TestEvent } from "./test-event.ts";

/** Options of `createTestClient`. */
export interface TestClientOptions {
  /** Names and patterns it asks for. @default none are named: everything the request is authorised for */
  readonly channels?: readonly string[] | undefined;
  /** Position to continue from. @default none */
  readonly lastEventId?: string | undefined;
  /** Of every request: credentials, cookies. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Of every request, its query included; the host is of no account. @default "/events" */
  readonly url?: string | undefined;
  /** What the application passes to `hub.fetch` with every request. @default nothing */
  readonly stream?: StreamOptions | undefined;
  /** Whether it starts paused: reads nothing of a stream, not even its start, before `resume()` or `read()`. @default false */
  readonly slow?: boolean | undefined;
  /** Whether it begins with a stream. Without one, `poll()` or `reconnect()` comes first. @default true */
  readonly connect?: boolean | undefined;
  /**
   * The hub's, if that is a manual one. Waiting lets everything happen that needs no time, and takes none.
   * @default none: the hub is on the real clock
   */
  readonly environment?: Pick<ManualEnvironment, "settle"> | undefined;
  /** Longest that what is expected may take on the real clock, in milliseconds. @default 2000 */
  readonly timeoutMs?: number | undefined;
}

/**
 * `refused`: the last answer was no stream. `ended`: the server ended the stream. `broken`: the link was lost, dropped by
 * either side.
 */
export type TestClientState = "idle" | "connecting" | "open" | "refused" | "ended" | "broken" | "closed";

/** A change of channels, PROTOCOL.md, section 9. */
export interface TestChange {
  readonly subscribe?: readonly string[] | undefined;
  readonly unsubscribe?: readonly string[] | undefined;
  readonly since?: Readonly<Record<string, string>> | undefined;
  /** @default that of the stream */
  readonly conn?: string | undefined;
}

/** The answer to a change; its lists are empty where the change was refused. */
export interface TestChangeAnswer {
  readonly status: number;
  readonly channels: readonly string[];
  readonly rejected: readonly string[];
  /** Why it was refused, for example `unknown-conn`. */
  readonly error: string | undefined;
  /** The body. */
  readonly text: string;
}

/** The answer to a poll; without events where the poll was refused. */
export interface TestPollAnswer {
  readonly status: number;
  readonly events: readonly TestEvent[];
  readonly gaps: readonly GapData[];
  readonly id: string | undefined;
  readonly retryMs: number | undefined;
  /** Why it was refused, for example `forbidden`. */
  readonly error: string | undefined;
  /** The body. */
  readonly text: string;
}

/** A client without a network. Iterating over it gives the application's events, until the stream is over. */
export interface TestClient extends AsyncIterable<TestEvent> {
  readonly state: TestClientState;
  /** Status of the last answer to a request for a stream; 0 before there is one. */
  readonly status: number;
  /** Headers of that answer. */
  readonly headers: Headers;
  /** Its body where it is no stream, else empty. */
  readonly text: string;
  /** How the newest stream began. Throws where `sse.hello` has not come. */
  readonly hello: TestHello;
  /** The application's events of all streams so far, read or not. */
  readonly events: readonly TestEvent[];
  /** What `sse.gap` and polls have told so far. */
  readonly gaps: readonly GapData[];
  /** Comments of all streams so far: heartbeats and padding. */
  readonly comments: readonly string[];
  /** What the next request presents, kept by the rules of PROTOCOL.md. */
  readonly lastEventId: string | undefined;

  /**
   * Resolves with the next of the application's events that matches. What came before it counts as read then. Rejects with
   * what came instead when the stream is over or too much time has passed.
   */
  expectEvent(matches?: EventPredicate): Promise<TestEvent>;
  /** The same for events of that name; those of the protocol, like `sse.bye`, have to be named. */
  expectEvent(name: string, matches?: EventPredicate): Promise<TestEvent>;
  /** Resolves once the stream is over without `close()`; rejects if it goes on. */
  expectEnd(): Promise<"ended" | "broken">;

  /** Reads no more; what comes stays with the server. */
  pause(): void;
  /** Reads on by itself. */
  resume(): void;
  /** While paused, reads one chunk; resolves with false at the end of the stream. Rejects when nothing is there in time. */
  read(): Promise<boolean>;
  /** Breaks the link, as a network does: what was on the way is lost. Requests without an answer reject. */
  drop(): void;
  /** Does so after exactly so many more bytes of the stream, or of the next one. */
  cutAfter(bytes: number): void;
  /** Asks for another stream where the last one stopped, with other options where they are given. */
  reconnect(options?: TestClientOptions): Promise<void>;
  /** Leaves for good. */
  close(): void;
  /** Changes the channels of the stream; `reconnect` then asks for those that it carries. */
  change(change: TestChange): Promise<TestChangeAnswer>;
  /** Polls from where the client is, which moves; `wait: false` does not let the server hold the request. */
  poll(options?: { readonly wait?: boolean | undefined }): Promise<TestPollAnswer>;
}
