// A labelled input. Screen readers read its hint and its error with it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import * as messages from "#messages/app";
import { ActionButton } from "./action-button";

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

/** The hint of a field for a new password. */
export const PASSWORD_RULES = messages.passwordRules;

/** A password field with a button that shows the password. */
export function PasswordField(props: Omit<FieldProps, "children">) {
  const isShown = useSignal(false);
  return (
    <Field
      {...props}
      input={
        {
          ...props.input,
          type: isShown.value ? ("text" as const) : ("password" as const),
          spellcheck: false,
        } as InputHTMLAttributes<HTMLInputElement>
      }
    >
      <ActionButton
        label={messages.showPassword}
        icon="show"
        kind="quiet"
        isIconOnly
        class="field-button"
        aria-pressed={isShown.value}
        onClick={() => {
          isShown.value = !isShown.value;
        }}
      />
    </Field>
  );
}
