/** What the suite uses of a client. */
export interface SuiteClient {
  status: { get(): { status: string } };
  retain(): () => void;
  disconnect(): void;
}

/** What the suite reads from a mounted component: the fields of both hooks. */
export interface SuiteView {
  status?: string;
  data: unknown;
  message: { data: unknown } | null;
  history?: readonly { data: unknown }[];
  messages?: readonly { data: unknown }[];
  gap?: { reason: string } | null;
  loading?: boolean;
  error: { code: string } | null;
  connect?(): void;
  disconnect?(): void;
  reconnect?(): void;
  client?: SuiteClient;
}

/** What a component under test uses: a channel of a client, or an event stream by URL or client. */
export type SuiteUse =
  | { hook: "channel"; client: SuiteClient; name: string; select?: (data: never) => unknown }
  | { hook: "sse"; source: string | URL | SuiteClient; options?: object };

/** A mounted component. */
export interface Mounted {
  /** What the component last rendered: all that its hook gives, the fields of the view first, in their order. */
  read(): SuiteView;
  /** How often it has rendered. */
  renders(): number;
  /** What it has thrown, while rendering or whenever its framework had it look again. */
  thrown(): unknown;
  /** Gives it other arguments. */
  set(use: SuiteUse): Promise<void>;
  unmount(): Promise<void>;
}

/** How one framework runs the suite. */
export interface AdapterHarness {
  mount(use: SuiteUse): Promise<Mounted>;
  /** Runs `change` and lets the framework render what follows from it. */
  flush(change: () => void | Promise<void>): Promise<void>;
  /** Renders on a server, as HTML that holds the view as JSON text. */
  renderToString(use: SuiteUse): Promise<string>;
  /** Brings such HTML to life; `complaints` are the framework's hydration warnings. */
  hydrate(use: SuiteUse, html: string): Promise<Mounted & { complaints: readonly string[] }>;
}
