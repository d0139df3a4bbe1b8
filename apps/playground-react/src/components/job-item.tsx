import type { JobView } from "playground-shared/jobs";
import { Icon } from "./icon.tsx";

export function JobItem({ view: { id, title, look, label, icon, percent, text, valueText } }: { view: JobView }) {
  return (
    <li data-testid={`job-${id}`} data-look={look}>
      <span className="job-title" id={`job-title-${id}`}>
        {title}
      </span>
      <span className="job-text" data-testid="job-text">
        {text}
      </span>
      <span className="pill" data-testid="job-state">
        <Icon name={icon} />
        {label}
      </span>
      <progress max={100} value={percent} aria-labelledby={`job-title-${id}`} aria-valuetext={valueText} />
      <span className="job-percent">{`${percent}%`}</span>
    </li>
  );
}
