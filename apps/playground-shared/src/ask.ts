/**
 * Asks the playground server.
 *
 * @throws Error whose message can be shown, after a colon
 */
export async function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(path, init).catch(() => {
    throw new Error("the server does not answer. Is it still running?");
  });
  if (!response.ok) throw new Error(await reasonOf(response));
  return response.json() as Promise<Answer>;
}

export const post = <Answer>(path: string, body: object) =>
  ask<Answer>(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** What the server says itself, where it does. */
async function reasonOf(response: Response): Promise<string> {
  const { error } = (await response.json().catch(() => ({}))) as { error?: unknown };
  if (typeof error !== "string" || error === "")
    return `the server answered ${response.status} ${response.statusText}.`;
  return `${error.charAt(0).toLowerCase()}${error.slice(1)}`;
}
