// The parts that the forms before signing in share.

import { type Signal, signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import * as messages from "#messages/sign-in";
import { Problem, wordsFor } from "../http";
import { place } from "../router";
import { ActionButton } from "../ui/action-button";
import { Field, PASSWORD_RULES, PasswordField } from "../ui/field";
import { FormError } from "../ui/notice";
import type { Invitation } from "./invitation";

/** Inputs that the next screen needs too. The password is never stored. */
export const draft = { given: signal(""), family: signal(""), email: signal(""), password: signal("") };

/** The page that shows the e-mail with the code; null if PixTag sends e-mails. */
export const mailbox = signal<string | null>(null);

/** The invitation with which the person registers; null if there is none. */
export const invitation = signal<Invitation | null>(null);

/** Clear the inputs, so that the next person at this browser doesn't see them. */
export function forgetDraft(): void {
  invitation.value = null;
  for (const input of Object.values(draft)) {
    input.value = "";
  }
}

/** Return the path of another of these screens that keeps the place after signing in. */
export function keepingNext(path: string): string {
  const next = place.value.query.get("next");
  return next === null ? path : `${path}?next=${encodeURIComponent(next)}`;
}

export function EmailField({ isFixed = false, ...props }: { readonly hint?: string; readonly isFixed?: boolean }) {
  return (
    <Field
      {...props}
      label={messages.emailAddress}
      value={draft.email.value}
      onValue={(value) => {
        draft.email.value = value;
      }}
      input={{
        type: "email",
        name: "email",
        autocomplete: "username",
        required: true,
        maxLength: 128,
        pattern: ".+@.+[.].+",
        title: messages.enterAddress,
        readOnly: isFixed,
      }}
    />
  );
}

export function CodeField({ code }: { readonly code: Signal<string> }) {
  return (
    <Field
      label={messages.code}
      value={code.value}
      onValue={(value) => {
        code.value = value;
      }}
      input={{
        name: "code",
        class: "input code",
        inputMode: "numeric",
        autocomplete: "one-time-code",
        required: true,
        maxLength: 64,
      }}
    />
  );
}

export function NewPasswordField({ label, password }: { readonly label: string; readonly password: Signal<string> }) {
  return (
    <PasswordField
      label={label}
      hint={PASSWORD_RULES}
      value={password.value}
      onValue={(value) => {
        password.value = value;
      }}
      input={{ name: "password", autocomplete: "new-password", required: true, maxLength: 256 }}
    />
  );
}

interface FormProps {
  readonly action: string;
  /** Send the form. An error is shown, and the inputs stay. */
  readonly onSend: () => Promise<void>;
  readonly children: ComponentChildren;
  /** Return the message of a problem; null for the API's message. */
  readonly describe?: (problem: Problem) => ComponentChildren | null;
}

export function Form({ action, onSend, children, describe }: FormProps) {
  const ref = useRef<HTMLFormElement>(null);
  const isSending = useSignal(false);
  const failure = useSignal<unknown>(null);
  useEffect(() => {
    const inputs = [...(ref.current?.querySelectorAll("input") ?? [])];
    (inputs.find(({ value }) => !value) ?? inputs[0])?.focus();
  }, []);
  const send = async () => {
    isSending.value = true;
    failure.value = null;
    try {
      await onSend();
    } catch (error) {
      failure.value = error;
    } finally {
      isSending.value = false;
    }
  };
  return (
    <form
      ref={ref}
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {failure.value !== null && <FormError>{messageFor(failure.value, describe)}</FormError>}
      {children}
      <ActionButton
        label={action}
        type="submit"
        kind="primary"
        size="wide"
        isBusy={isSending.value}
        disabled={isSending.value}
        aria-busy={isSending.value}
      />
    </form>
  );
}

function messageFor(error: unknown, describe: FormProps["describe"]): ComponentChildren {
  return (error instanceof Problem && describe?.(error)) || wordsFor(error);
}
