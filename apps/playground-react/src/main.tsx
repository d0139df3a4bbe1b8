import "playground-server/playground.css";
import { SSEProvider } from "@x/sse-react";
import { client } from "playground-shared/client";
import { startTrace } from "playground-shared/trace";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./components/app.tsx";

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
