// A labelled input with its hint and its error, tied together for screen readers.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./icon";

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly input?: InputHTMLAttributes<HTMLInputElement>;
  readonly children?: ComponentChildren;
}

export function Field({ label, value, onValue, hint, error, input, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <div class="field-box">
        <input
          class="input"
          {...input}
          id={id}
          value={value}
          aria-invalid={error ? "true" : undefined}
          aria-describedby={described || undefined}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
        {children}
      </div>
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** A password that can be looked at. */
export function PasswordField(props: Omit<FieldProps, "children">) {
  const shown = useSignal(false);
  return (
    <Field
      {...props}
      input={
        {
          ...props.input,
          type: shown.value ? ("text" as const) : ("password" as const),
          spellcheck: false,
        } as InputHTMLAttributes<HTMLInputElement>
      }
    >
      <button
        type="button"
        class="button quiet icon-only field-button"
        aria-label="Show the password"
        aria-pressed={shown.value}
        onClick={() => {
          shown.value = !shown.value;
        }}
      >
        <Icon name="show" />
      </button>
    </Field>
  );
}
