import type { Page } from "@playwright/test";

/** Watches a page for whatever must not happen. */
export interface Problems {
  /** What happened so far and was not allowed. */
  readonly found: readonly string[];
  /** From now on requests of this path may fail in this way, as in `net::ERR_ABORTED`. */
  allowFailure(path: string, errorText: string): void;
  /** From now on requests of this path may be answered with this status. */
  allowStatus(path: string, status: number): void;
  /** From now on the page may warn of something with this text. */
  allowWarning(text: string): void;
}

export function watchProblems(page: Page): Problems {
  const found: string[] = [];
  const allowed: { path: string; errorText: string }[] = [];
  const statuses = new Set<string>();
  const warnings: string[] = [];
  const isAllowed = (url: string, text: string) =>
    URL.canParse(url) &&
    allowed.some(({ path, errorText }) => new URL(url).pathname === path && text.endsWith(errorText));

  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    const { url } = message.location();
    const text = message.text();
    const status = /responded with a status of (\d+)/.exec(text)?.[1];
    if (status && URL.canParse(url) && statuses.has(`${status} ${new URL(url).pathname}`)) return;
    if (message.type() === "warning" && warnings.some((each) => text.includes(each))) return;
    if (!isAllowed(url, text)) found.push(`console ${message.type()}: ${text} (${url})`);
  });
  page.on("pageerror", (error) => found.push(`page error: ${error}`));
  page.on("requestfailed", (request) => {
    const text = request.failure()?.errorText ?? "";
    if (!isAllowed(request.url(), text)) found.push(`request failed: ${request.url()} ${text}`);
  });
  page.on("response", (response) => {
    const isExpected = statuses.has(`${response.status()} ${new URL(response.url()).pathname}`);
    if (response.status() >= 400 && !isExpected) found.push(`response: ${response.status()} ${response.url()}`);
  });
  return {
    found,
    allowFailure: (path, errorText) => void allowed.push({ path, errorText }),
    allowStatus: (path, status) => void statuses.add(`${status} ${path}`),
    allowWarning: (text) => void warnings.push(text),
  };
}
