import type { ConnectionState } from "@x/sse-react";
import { type Command, commandsOf } from "playground-shared/connection-commands";
import { useClient } from "../use-client.ts";
import { Icon } from "./icon.tsx";

export function ConnectionButtons({ state }: { state: ConnectionState }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields
    <div className="button-row" role="group" aria-label="Connection">
      {commandsOf(useClient(), state).map((command) => (
        <CommandButton key={command.name} command={command} />
      ))}
    </div>
  );
}

/** `aria-disabled` in place of `disabled`, which would take the focus away from whoever just pressed the button. */
function CommandButton({ command }: { command: Command }) {
  const { name, label, otherLabel, icon, isUseful, isPrimary, run } = command;
  return (
    <button
      type="button"
      className={isPrimary ? "button button-primary" : "button"}
      data-testid={`btn-${name}`}
      aria-disabled={!isUseful}
      onClick={() => isUseful && run()}
    >
      <Icon name={icon} />
      <span className="button-labels">
        <span className="button-label" data-shown={true}>
          {label}
        </span>
        {otherLabel && (
          <span className="button-label" data-shown={false} aria-hidden={true}>
            {otherLabel}
          </span>
        )}
      </span>
    </button>
  );
}
