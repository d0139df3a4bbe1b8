import { describe, expect, test } from "vitest";
import { createAdmission } from "../src/admission.ts";
import { readStream } from "./support/read-stream.ts";
import { post, runApp } from "./support/run-app.ts";

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe("admission", () => {
  test("a token is good until all expire, no token is always good, any other is not", () => {
    const admission = createAdmission();
    const token = admission.issueToken();
    expect(admission.refusalOf(bearer(token))).toBeNull();
    expect(admission.refusalOf(bearer("invented"))?.status).toBe(401);
    admission.expireTokens();
    expect(admission.refusalOf(bearer(token))?.status).toBe(401);
    expect(admission.refusalOf({ headers: {} })).toBeNull();
    expect(admission.refusalOf(bearer(admission.issueToken()))).toBeNull();
  });

  test("of a thousand and one tokens the first is forgotten", () => {
    const { issueToken, refusalOf } = createAdmission();
    const [first = "", second = ""] = Array.from({ length: 1_001 }, issueToken);
    expect([refusalOf(bearer(first))?.status, refusalOf(bearer(second))]).toEqual([401, null]);
  });

  test("an overloaded server names the seconds that are left, and lets in afterwards", () => {
    let now = 0;
    const admission = createAdmission(() => now);
    admission.overload(4);
    expect(admission.refusalOf({ headers: {} })).toMatchObject({ status: 503, headers: { "retry-after": "4" } });
    now = 3_001;
    expect(admission.refusalOf({ headers: {} })?.headers).toEqual({ "retry-after": "1" });
    now = 4_000;
    expect(admission.refusalOf({ headers: {} })).toBeNull();
  });
});

describe("refusals on the wire", () => {
  test("expired tokens break the streams, and get 401 until there is a new one", async () => {
    const origin = await runApp();
    const issue = async () => (await (await post(`${origin}/api/token`, {})).json()).token as string;
    const old = bearer(await issue());
    const stream = await readStream(`${origin}/api/sse`, old.headers);
    await stream.includes("sse.hello");
    expect(await (await post(`${origin}/api/faults/expire-token`, {})).json()).toEqual({ streams: 1 });
    expect(await stream.ended).toBe(false);

    const refused = await fetch(`${origin}/api/sse`, old);
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(await refused.json()).toEqual({ error: "The token has expired." });
    const next = await readStream(`${origin}/api/sse`, bearer(await issue()).headers);
    await next.includes("sse.hello");
  });

  test("overload breaks the streams and says when to come back, to polls too", async () => {
    const origin = await runApp();
    const stream = await readStream(`${origin}/api/sse`);
    await stream.includes("sse.hello");
    await post(`${origin}/api/faults/overload`, { seconds: 30 });
    expect(await stream.ended).toBe(false);
    for (const accept of ["text/event-stream", "application/json"]) {
      const refused = await fetch(`${origin}/api/sse`, { headers: { accept } });
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "30"]);
    }
  });
});
