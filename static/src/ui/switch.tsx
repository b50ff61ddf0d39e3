// A switch between a few choices, of which one is always chosen.

import { useId } from "preact/hooks";
import "../styles/switch.css";

interface SwitchProps<T extends string> {
  /** What is chosen. Screen readers read it. */
  readonly label: string;
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly label: string }[];
  readonly onValue: (value: T) => void;
}

export function Switch<T extends string>({ label, value, choices, onValue }: SwitchProps<T>) {
  const name = useId();
  return (
    <fieldset class="switch">
      <legend class="hidden-text">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} class="switch-choice">
          <input
            type="radio"
            name={name}
            class="hidden-text"
            checked={choice.value === value}
            onChange={() => onValue(choice.value)}
          />
          <span>{choice.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
