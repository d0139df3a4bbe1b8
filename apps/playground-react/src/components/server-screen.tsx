import { useReadable } from "@x/sse-react";
import { SERVER_NOT_WATCHED, serverShown, showServer } from "playground-shared/server-screen";
import { JobCard } from "./job-card.tsx";
import { ServerCard } from "./server-card.tsx";

export function ServerScreen() {
  const isShown = useReadable(serverShown);
  return (
    <section id="server" className="screen" aria-labelledby="server-screen-heading">
      <div className="screen-header">
        <h2 id="server-screen-heading">Server side</h2>
        <button
          type="button"
          className="button button-small button-switch"
          data-testid="btn-server"
          aria-pressed={isShown}
          onClick={() => showServer(!isShown)}
        >
          Watch<span className="visually-hidden"> the server</span>
        </button>
      </div>
      {isShown ? (
        <div className="columns">
          <ServerCard />
          <JobCard />
        </div>
      ) : (
        <p className="card card-message" data-testid="server-off">
          {SERVER_NOT_WATCHED}
        </p>
      )}
    </section>
  );
}
