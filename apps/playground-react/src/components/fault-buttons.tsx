import { useState } from "react";
import { cause, type Fault, faults } from "../faults.ts";

interface Outcome {
  readonly text: string;
  readonly isError: boolean;
}

export function FaultButtons() {
  const [pending, setPending] = useState<Fault | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  const run = async (fault: Fault) => {
    if (pending) return;
    setPending(fault);
    setOutcome(null);
    try {
      await cause(fault);
      setOutcome({ text: fault.done, isError: false });
    } catch (error) {
      setOutcome({ text: `“${fault.label}” failed: ${(error as Error).message}`, isError: true });
    } finally {
      setPending(null);
    }
  };

  return (
    <div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields */}
      <div className="button-row" role="group" aria-labelledby="fault-buttons-label">
        <p id="fault-buttons-label" className="button-row-label">
          Break it
        </p>
        {faults.map((fault) => (
          <button
            key={fault.name}
            type="button"
            className="button"
            data-testid={`btn-${fault.name}`}
            aria-disabled={pending !== null}
            aria-busy={pending === fault}
            onClick={() => void run(fault)}
          >
            {/* Both are laid out, so that the button keeps its width. */}
            <span className="button-label" data-shown={pending !== fault}>
              {fault.label}
            </span>
            <span className="button-label" data-shown={pending === fault} aria-hidden={pending !== fault}>
              {fault.pending}
            </span>
          </button>
        ))}
      </div>
      <p className="outcome" role="status" data-testid="fault-outcome" data-tone={outcome?.isError ? "bad" : "neutral"}>
        {outcome?.text}
      </p>
    </div>
  );
}
