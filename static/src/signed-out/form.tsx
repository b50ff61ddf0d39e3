// The frame of the screens before signing in, and what their forms have in common.

import { type Signal, signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Problem, wordsFor } from "../http";
import { place } from "../router";
import { Field, PasswordField } from "../ui/field";
import { Mark } from "../ui/icon";
import { FormError } from "../ui/notice";

/** What was typed on one of these screens and is wanted on the next; the password never leaves this memory. */
export const draft = { given: signal(""), family: signal(""), email: signal(""), password: signal("") };

/** Whoever uses this browser next need not know who did before. */
export function forgetDraft(): void {
  for (const typed of Object.values(draft)) {
    typed.value = "";
  }
}

const PASSWORD_RULES = "At least 12 characters. A few words in a row are easier to remember than odd signs.";

/** Another of these screens, that leads to the same place after signing in. */
export function keepingNext(path: string): string {
  const next = place.value.query.get("next");
  return next === null ? path : `${path}?next=${encodeURIComponent(next)}`;
}

export function EmailField(props: { readonly hint?: string }) {
  return (
    <Field
      {...props}
      label="E-mail address"
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
        title: "An address like ada@example.com",
      }}
    />
  );
}

export function CodeField({ code }: { readonly code: Signal<string> }) {
  return (
    <Field
      label="Code"
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

interface OutsideProps {
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly foot?: ComponentChildren;
}

export function OutsideFrame({ title, lead, children, foot }: OutsideProps) {
  return (
    <div class="outside">
      <div class="outside-art" aria-hidden="true">
        <Mosaic />
      </div>
      <main class="outside-main">
        <div class="outside-card">
          <a class="outside-brand" href={keepingNext("/sign-in")}>
            <Mark size={36} />
            <span>PixTag</span>
          </a>
          <h1>{title}</h1>
          {lead && <p class="outside-lead">{lead}</p>}
          {children}
          {foot && <div class="outside-foot">{foot}</div>}
        </div>
      </main>
    </div>
  );
}

interface FormProps {
  readonly action: string;
  /** Send it; what it throws is shown, and the input stays. */
  readonly onSend: () => Promise<void>;
  readonly children: ComponentChildren;
  /** What to say of a failure; null for the API's own words. */
  readonly say?: (problem: Problem) => ComponentChildren | null;
}

export function Form({ action, onSend, children, say }: FormProps) {
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
      {failure.value !== null && <FormError>{words(failure, say)}</FormError>}
      {children}
      <button type="submit" class="button primary wide" disabled={isSending.value} aria-busy={isSending.value}>
        {isSending.value && <span class="spinner" />}
        {action}
      </button>
    </form>
  );
}

function words(failure: Signal<unknown>, say: FormProps["say"]): ComponentChildren {
  const error = failure.value;
  return (error instanceof Problem && say?.(error)) || wordsFor(error);
}

/** Shelves of pictures without pictures, in some of which something was found. */
function Mosaic() {
  return (
    <svg class="mosaic" viewBox="0 0 720 960" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      {TILES.map(([x, y, width, height, tone]) => (
        <rect key={`${x},${y}`} class={`mosaic-${tone}`} x={x} y={y} width={width} height={height} rx="14" />
      ))}
      <path
        class="mosaic-far"
        d="M24 438V392c60-58 104-66 150-26 42-44 82-46 130-8v80a14 14 0 0 1-14 14H38a14 14 0 0 1-14-14z"
      />
      <circle class="mosaic-light" cx="250" cy="296" r="24" />
      <g class="mosaic-near">
        <circle cx="92" cy="372" r="13" />
        <path d="M70 440c0-66 44-66 44 0z" />
        <circle cx="146" cy="384" r="11" />
        <path d="M128 440c0-52 36-52 36 0z" />
        <path d="M508 664l76-118v118zM496 676h106l-20 32h-64z" />
      </g>
      <path class="mosaic-far" d="M464 706h240v16a14 14 0 0 1-14 14H478a14 14 0 0 1-14-14z" />
      <circle class="mosaic-near" cx="426" cy="350" r="52" />
      <circle class="mosaic-light" cx="426" cy="350" r="44" />
      <path class="mosaic-hands" d="M426 350l-18-12M426 350l26-20" />
      <g class="mosaic-find">
        <rect x="60" y="350" width="114" height="96" rx="8" />
        <rect x="366" y="290" width="120" height="120" rx="8" />
        <rect x="484" y="534" width="130" height="184" rx="8" />
      </g>
      {LABELS.map(([x, y, width, text]) => (
        <g key={text} class="mosaic-label">
          <rect x={x} y={y} width={width} height="30" rx="15" />
          <text x={x + width / 2} y={y + 20.5}>
            {text}
          </text>
        </g>
      ))}
    </svg>
  );
}

const TILES: readonly (readonly [number, number, number, number, string])[] = [
  [-60, 24, 200, 200, "a"],
  [152, 24, 280, 200, "b"],
  [444, 24, 300, 200, "c"],
  [24, 236, 280, 216, "d"],
  [316, 236, 220, 216, "b"],
  [548, 236, 220, 216, "a"],
  [-60, 464, 260, 272, "c"],
  [212, 464, 240, 272, "a"],
  [464, 464, 240, 272, "d"],
  [24, 748, 320, 220, "b"],
  [356, 748, 180, 220, "d"],
  [548, 748, 220, 220, "c"],
];

const LABELS: readonly (readonly [number, number, number, string])[] = [
  [60, 312, 104, "person 2"],
  [366, 252, 88, "clock 1"],
  [484, 496, 80, "boat 1"],
];
