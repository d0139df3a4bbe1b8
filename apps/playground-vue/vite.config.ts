import vue from "@vitejs/plugin-vue";
import { defaultClientConditions, defineConfig } from "vite";

const SERVER = "http://127.0.0.1:8080";

export default defineConfig(({ command }) => ({
  base: "/vue/",
  publicDir: "../playground-server/public/brand",
  plugins: [vue()],
  // While developing, the packages' sources; a build takes what npm users get.
  resolve: { conditions: [...(command === "serve" ? ["@x/source"] : []), ...defaultClientConditions] },
  server: { proxy: { "/api": SERVER } },
}));
