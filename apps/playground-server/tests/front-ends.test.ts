import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { frontEnds } from "../src/front-ends.ts";
import { runApp } from "./support/run-app.ts";

/** A folder of apps in which only these front ends are built. */
async function apps(...built: string[]) {
  const folder = await mkdtemp(join(tmpdir(), "apps-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of built) {
    const dist = join(folder, `playground-${name}/dist`);
    await mkdir(join(dist, "assets"), { recursive: true });
    await writeFile(join(dist, "index.html"), `<h1>${name}</h1>`);
    await writeFile(join(dist, "assets/app-1a2b.js"), `run("${name}")`);
  }
  return pathToFileURL(`${folder}/`);
}

describe.each(frontEnds)("the %s front end", (name) => {
  test("says how to build it where it is not built, while the others are served", async () => {
    const [other = ""] = frontEnds.filter((each) => each !== name);
    const origin = await runApp({}, await apps(other));
    const missing = await fetch(`${origin}/${name}/`);
    const text = await missing.text();
    expect(missing.status).toBe(503);
    expect(text).toContain(`The ${name} playground is not built yet`);
    expect(text).toContain("<code>pnpm build</code>");
    expect((await fetch(`${origin}/${other}/`)).status).toBe(200);
  });

  test("is served with its files below its own path", async () => {
    const origin = await runApp({}, await apps(...frontEnds));
    for (const path of ["", "trading"])
      expect(await (await fetch(`${origin}/${name}/${path}`)).text()).toBe(`<h1>${name}</h1>`);
    const script = await fetch(`${origin}/${name}/assets/app-1a2b.js`);
    expect([await script.text(), script.headers.get("cache-control")]).toEqual([
      `run("${name}")`,
      "public, max-age=31536000, immutable",
    ]);
    expect((await fetch(`${origin}/${name}/assets/gone.js`)).status).toBe(404);
  });

  test("is told without its last slash where that is, with the query", async () => {
    const origin = await runApp({}, await apps());
    const moved = await fetch(`${origin}/${name}?trace`, { redirect: "manual" });
    expect([moved.status, moved.headers.get("location")]).toEqual([308, `/${name}/?trace`]);
  });

  test("is linked from the first page", async () => {
    const origin = await runApp({}, await apps());
    expect(await (await fetch(`${origin}/`)).text()).toContain(`href="/${name}/"`);
  });
});

test("every page allows only what comes from the server itself", async () => {
  const origin = await runApp({}, await apps("react"));
  for (const path of ["/", "/react/", "/vue/", "/nowhere"]) {
    const policy = (await fetch(origin + path)).headers.get("content-security-policy");
    expect(policy, path).toContain("default-src 'self'");
    expect(policy, path).not.toContain("unsafe");
  }
});

test("an icon is found also where no page names it", async () => {
  const origin = await runApp();
  const icon = await fetch(`${origin}/favicon.ico`);
  expect([icon.status, icon.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
});
