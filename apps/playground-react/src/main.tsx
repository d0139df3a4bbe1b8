import "playground-server/playground.css";
import { SSEProvider } from "@x/sse-react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { client } from "./client.ts";
import { App } from "./components/app.tsx";
import { startTrace } from "./trace.ts";

if (new URLSearchParams(location.search).has("trace")) startTrace();

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <SSEProvider client={client}>
        <App />
      </SSEProvider>
    </StrictMode>,
  );
