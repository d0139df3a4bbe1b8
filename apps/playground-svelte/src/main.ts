import "playground-server/playground.css";
import { startTraceIfAsked } from "playground-shared/trace";
import { mount } from "svelte";
import App from "./components/app.svelte";

startTraceIfAsked();

const target = document.getElementById("root");
if (target) mount(App, { target });
