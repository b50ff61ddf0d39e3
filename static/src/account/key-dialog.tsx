// The dialog that creates an API key: its name, its scopes and its end.

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import * as messages from "#messages/keys";
import { post } from "../api";
import { wordsFor } from "../http";
import type { KeyScope, NewKeyResponse } from "../schemas";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field } from "../ui/field";

const DAY_MS = 86_400_000;
const SCOPES: Readonly<Record<KeyScope, string>> = {
  read: messages.read,
  upload: messages.upload,
  edit: messages.edit,
};
const LIVES: readonly (readonly [days: number, label: string])[] = [
  [30, messages.forThirtyDays],
  [365, messages.forOneYear],
  [0, messages.untilRevoked],
];

interface KeyDialogProps {
  readonly onCreate: (key: NewKeyResponse) => void;
  readonly onClose: () => void;
}

export function KeyDialog({ onCreate, onClose }: KeyDialogProps) {
  const name = useSignal("");
  const scopes = useSignal<readonly KeyScope[]>([]);
  const days = useSignal(365);
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const legend = useId();
  const create = async () => {
    isBusy.value = true;
    problem.value = "";
    const expires_at = days.value === 0 ? null : new Date(Date.now() + days.value * DAY_MS).toISOString();
    try {
      onCreate(await post("/keys", { body: { name: name.value.trim(), scopes: [...scopes.value], expires_at } }));
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  const choose = (scope: KeyScope, isChosen: boolean) => {
    const others = scopes.value.filter((each) => each !== scope);
    scopes.value = isChosen ? [...others, scope] : others;
  };
  return (
    <ConfirmDialog
      title={messages.createKey}
      action={messages.createKey}
      isReady={name.value.trim() !== "" && scopes.value.length > 0 && !isBusy.value}
      problem={problem.value}
      onConfirm={() => void create()}
      onClose={onClose}
    >
      <Field
        label={messages.name}
        hint={messages.nameHint}
        value={name.value}
        onValue={(text) => {
          name.value = text;
        }}
        input={{ autocomplete: "off", maxLength: 100, autofocus: true }}
      />
      <fieldset class="choices" aria-labelledby={legend}>
        <span class="field-label" id={legend}>
          {messages.scopes}
        </span>
        {(Object.entries(SCOPES) as [KeyScope, string][]).map(([scope, label]) => (
          <label key={scope} class="choice">
            <input
              type="checkbox"
              checked={scopes.value.includes(scope)}
              onChange={({ currentTarget }) => choose(scope, currentTarget.checked)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span class="field-label">{messages.end}</span>
        <select
          class="input"
          value={String(days.value)}
          onChange={({ currentTarget }) => {
            days.value = Number(currentTarget.value);
          }}
        >
          {LIVES.map(([life, label]) => (
            <option key={life} value={String(life)}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </ConfirmDialog>
  );
}
