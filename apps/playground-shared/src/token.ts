let token: Promise<string> | null = null;

async function issue(): Promise<string> {
  const response = await fetch("/api/token", { method: "POST" });
  if (!response.ok) throw new Error(`no token: the server answered ${response.status}`);
  return ((await response.json()) as { token: string }).token;
}

/** The headers of every request of the stream. The token is fetched with the first of them. */
export async function authorise(): Promise<Readonly<Record<string, string>>> {
  token ??= issue();
  try {
    return { authorization: `Bearer ${await token}` };
  } catch (error) {
    // A failure must not be kept: the next attempt asks again.
    token = null;
    throw error;
  }
}

/** Makes the next request come with a new token. */
export async function renewToken(): Promise<void> {
  token = null;
  await authorise();
}
