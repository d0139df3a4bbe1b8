import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defaultClientConditions, defineConfig } from "vite";

const SERVER = "http://127.0.0.1:8080";

export default defineConfig(({ command }) => ({
  base: "/svelte/",
  publicDir: "../playground-server/public/brand",
  plugins: [svelte({ configFile: false })],
  // While developing, the packages' sources; a build takes what npm users get.
  resolve: { conditions: [...(command === "serve" ? ["@x/source"] : []), ...defaultClientConditions] },
  server: { proxy: { "/api": SERVER } },
}));
