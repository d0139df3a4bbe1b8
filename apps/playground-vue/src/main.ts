import "playground-server/playground.css";
import { createSSEPlugin } from "@x/sse-vue";
import { client } from "playground-shared/client";
import { startTraceIfAsked } from "playground-shared/trace";
import { createApp } from "vue";
import App from "./components/app.vue";

startTraceIfAsked();

createApp(App).use(createSSEPlugin(client)).mount("#app");
