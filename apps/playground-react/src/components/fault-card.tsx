import {
  cause,
  type Fault,
  type FaultSwitch,
  faultSwitches,
  faults,
  readSwitches,
  type SwitchStates,
  setSwitch,
} from "playground-shared/faults";
import { useEffect, useState } from "react";

interface Outcome {
  readonly text: string;
  readonly isError: boolean;
}

const allOff: SwitchStates = { buffer: false, snapshotFails: false };

export function FaultCard() {
  const [pending, setPending] = useState<Fault | FaultSwitch | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [states, setStates] = useState(allOff);

  // Another page may have switched something on. Without an answer the buttons still work.
  useEffect(() => void readSwitches().then(setStates, () => {}), []);

  const run = async (what: Fault | FaultSwitch, act: () => Promise<string>) => {
    if (pending) return;
    setPending(what);
    setOutcome(null);
    try {
      setOutcome({ text: await act(), isError: false });
    } catch (error) {
      setOutcome({ text: `“${what.label}” failed: ${(error as Error).message}`, isError: true });
    } finally {
      setPending(null);
    }
  };
  const breakIt = (fault: Fault) =>
    run(fault, async () => ((await cause(fault)).streams === 0 ? "No stream was open, so nothing broke." : fault.done));
  const flip = (fault: FaultSwitch) =>
    run(fault, async () => {
      const next = await setSwitch(fault.name, !states[fault.name]);
      setStates(next);
      return `“${fault.label}” is ${next[fault.name] ? "on" : "off"}.`;
    });

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
              onClick={() => void breakIt(fault)}
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
              onClick={() => void flip(fault)}
            >
              {fault.label}
            </button>
            <p id={`meaning-${fault.name}`}>{fault.meaning}</p>
          </li>
        ))}
      </ul>
      <p className="outcome" role="status" data-testid="fault-outcome" data-tone={outcome?.isError ? "bad" : "neutral"}>
        {outcome?.text}
      </p>
    </section>
  );
}
