import type { Page } from "@playwright/test";

/** Watches a page for whatever must not happen. */
export interface Problems {
  /** What happened so far and was not allowed. */
  readonly found: readonly string[];
  /** From now on requests of this path may fail in this way, as in `net::ERR_ABORTED`. */
  allowFailure(path: string, errorText: string): void;
}

export function watchProblems(page: Page): Problems {
  const found: string[] = [];
  const allowed: { path: string; errorText: string }[] = [];
  const isAllowed = (url: string, text: string) =>
    URL.canParse(url) &&
    allowed.some(({ path, errorText }) => new URL(url).pathname === path && text.endsWith(errorText));

  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    const { url } = message.location();
    if (!isAllowed(url, message.text())) found.push(`console ${message.type()}: ${message.text()} (${url})`);
  });
  page.on("pageerror", (error) => found.push(`page error: ${error}`));
  page.on("requestfailed", (request) => {
    const text = request.failure()?.errorText ?? "";
    if (!isAllowed(request.url(), text)) found.push(`request failed: ${request.url()} ${text}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) found.push(`response: ${response.status()} ${response.url()}`);
  });
  return { found, allowFailure: (path, errorText) => void allowed.push({ path, errorText }) };
}
