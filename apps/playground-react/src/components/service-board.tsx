import { useChannel, useReadable } from "@x/sse-react";
import type { Service } from "playground-server/channels";
import { serviceNames } from "playground-server/listings";
import { formatTime } from "playground-shared/format";
import { useClient } from "../use-client.ts";
import { Freshness } from "./freshness.tsx";
import { Icon, type IconName } from "./icon.tsx";

const nothing = () => null;
const labels: Readonly<Record<Service["state"], string>> = {
  operational: "Operational",
  degraded: "Degraded",
  down: "Down",
};
const icons: Readonly<Record<Service["state"], IconName>> = {
  operational: "check",
  degraded: "warning",
  down: "cross",
};

interface ServiceBoardProps {
  readonly isWatched: boolean;
  readonly onWatch: (isWatched: boolean) => void;
}

export function ServiceBoard({ isWatched, onWatch }: ServiceBoardProps) {
  return (
    <section className="card" aria-labelledby="services-heading">
      <div className="card-header">
        <h3 id="services-heading">Services</h3>
        {isWatched && <WatchedFreshness />}
        <button
          type="button"
          className="button button-small button-switch"
          data-testid="btn-watch"
          aria-pressed={isWatched}
          onClick={() => onWatch(!isWatched)}
        >
          Watch
        </button>
      </div>
      {isWatched ? (
        <WatchedServices />
      ) : (
        <p className="card-message" data-testid="services-off">
          Not watched: the open stream goes on without this channel. Watch it again to receive what you missed.
        </p>
      )}
    </section>
  );
}

function WatchedFreshness() {
  const gap = useReadable(useClient().channel("services").gap);
  return <Freshness channel="services" gap={gap} />;
}

function WatchedServices() {
  const client = useClient();
  const services = useReadable(client.channel("services").state);
  const { loading, error } = useChannel(client, "services", nothing);
  const sorted = [...services.values()].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <>
      {error && sorted.length === 0 && <p className="card-message">No service states: {error.message}</p>}
      {!error && !loading && sorted.length === 0 && <p className="card-message">No service has reported yet.</p>}
      <ul className="services" aria-busy={loading}>
        {sorted.map((service) => (
          <ServiceItem key={service.name} service={service} />
        ))}
        {sorted.length === 0 && loading && serviceNames.map((name) => <SkeletonItem key={name} />)}
      </ul>
    </>
  );
}

function ServiceItem({ service: { name, state, note, at } }: { service: Service }) {
  return (
    <li data-testid={`service-${name}`} data-state={state}>
      <span className="service-name">{name}</span>
      <span className="service-note">
        {note}
        <span className="service-since">
          {" · since "}
          <time dateTime={new Date(at).toISOString()}>{formatTime(at)}</time>
        </span>
      </span>
      <span className="service-state">
        <Icon name={icons[state]} />
        {labels[state]}
      </span>
    </li>
  );
}

function SkeletonItem() {
  return (
    <li className="skeleton" aria-hidden="true">
      <span className="skeleton-bar" />
    </li>
  );
}
