import {
  allOff,
  breakIt,
  type Fault,
  type FaultSwitch,
  faultSwitches,
  faults,
  flip,
  readSwitches,
} from "playground-shared/faults";
import type { Outcome } from "playground-shared/outcome";
import { useEffect, useState } from "react";

export function FaultCard() {
  const [pending, setPending] = useState<Fault | FaultSwitch | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [states, setStates] = useState(allOff);

  // Another page may have switched something on. Without an answer the buttons still work.
  useEffect(() => void readSwitches().then(setStates, () => {}), []);

  const run = async (what: Fault | FaultSwitch, act: () => Promise<Outcome>) => {
    if (pending) return;
    setPending(what);
    setOutcome(null);
    setOutcome(await act());
    setPending(null);
  };

  return (
    <section className="card card-faults" aria-labelledby="faults-heading">
      <div className="card-header">
        <h3 id="faults-heading">Break it</h3>
        <p className="hint">and see what the page makes of it</p>
      </div>
      <ul className="faults">
        {faults.map((fault) => (
          <li key={fault.name}>
            <button
              type="button"
              className="button"
              data-testid={`btn-${fault.name}`}
              aria-describedby={`meaning-${fault.name}`}
              aria-disabled={pending !== null}
              aria-busy={pending === fault}
              onClick={() => void run(fault, () => breakIt(fault))}
            >
              {/* Both are laid out, so that the button keeps its width. */}
              <span className="button-label" data-shown={pending !== fault}>
                {fault.label}
              </span>
              <span className="button-label" data-shown={pending === fault} aria-hidden={pending !== fault}>
                {fault.pending}
              </span>
            </button>
            <p id={`meaning-${fault.name}`}>{fault.meaning}</p>
          </li>
        ))}
        {faultSwitches.map((fault) => (
          <li key={fault.name}>
            <button
              type="button"
              className="button button-switch"
              data-testid={fault.testId}
              aria-describedby={`meaning-${fault.name}`}
              aria-pressed={states[fault.name]}
              aria-disabled={pending !== null}
              aria-busy={pending === fault}
              onClick={() => void run(fault, () => flip(fault, states, setStates))}
            >
              {fault.label}
            </button>
            <p id={`meaning-${fault.name}`}>{fault.meaning}</p>
          </li>
        ))}
      </ul>
      <p className="outcome" role="status" data-testid="fault-outcome" data-tone={outcome?.tone ?? "neutral"}>
        {outcome?.text}
      </p>
    </section>
  );
}
