import "playground-server/playground.css";
import { SSEProvider } from "@x/sse-react";
import { client } from "playground-shared/client";
import { startTraceIfAsked } from "playground-shared/trace";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./components/app.tsx";

startTraceIfAsked();

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <SSEProvider client={client}>
        <App />
      </SSEProvider>
    </StrictMode>,
  );
