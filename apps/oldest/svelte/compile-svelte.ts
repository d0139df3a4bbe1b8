import { compile, compileModule } from "svelte/compiler";
import { type Plugin, transformWithOxc } from "vite";

/** Compiles components and rune modules; the Vite plugin of today does not take the Svelte of then. */
export const compileSvelte: Plugin = {
  name: "compile-svelte",
  async transform(code, id) {
    const generate = this.environment.config.consumer === "server" ? "server" : "client";
    const options = { filename: id, generate, dev: true } as const;
    if (id.endsWith(".svelte")) return compile(code, { ...options, css: "injected" }).js;
    if (!/\.svelte(\.[^./]+)*\.[jt]s$/.test(id)) return;
    return compileModule((await transformWithOxc(code, id)).code, options).js;
  },
};
