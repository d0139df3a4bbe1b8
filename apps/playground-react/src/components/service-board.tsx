import { useChannel, useReadable } from "@x/sse-react";
import type { Service } from "playground-server/channels";
import { serviceNames } from "playground-server/listings";
import { formatTime, toDateTime } from "playground-shared/format";
import { describeNoServices, NOT_WATCHED, serviceIcons, serviceLabels, sortServices } from "playground-shared/services";
import { useClient } from "../use-client.ts";
import { Freshness } from "./freshness.tsx";
import { Icon } from "./icon.tsx";

const nothing = () => null;

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
          {NOT_WATCHED}
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
  const sorted = sortServices(services);
  const placeholder = describeNoServices(loading, error);
  return (
    <>
      {sorted.length === 0 && placeholder && <p className="card-message">{placeholder}</p>}
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
          <time dateTime={toDateTime(at)}>{formatTime(at)}</time>
        </span>
      </span>
      <span className="service-state">
        <Icon name={serviceIcons[state]} />
        {serviceLabels[state]}
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
