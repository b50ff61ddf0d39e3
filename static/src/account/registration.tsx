// Who may register, for the administrator.

import { type Signal, useSignal } from "@preact/signals";
import * as messages from "#messages/administration";
import { put } from "../api";
import { wordsFor } from "../http";
import type { RegistrationState } from "../schemas";
import { FormError } from "../ui/notice";
import { toast } from "../ui/toasts";

export function Registration({ state }: { state: Signal<RegistrationState> }) {
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const { mode, is_closed, setting } = state.value;
  const isChecked = useSignal(is_closed);
  const close = async (isClosed: boolean) => {
    isChecked.value = isClosed;
    isBusy.value = true;
    problem.value = "";
    try {
      state.value = await put("/admin/registration", { body: { is_closed: isClosed } });
      toast(isClosed ? messages.closedRegistration : messages.openedRegistration);
    } catch (error) {
      problem.value = wordsFor(error);
      isChecked.value = is_closed;
    }
    isBusy.value = false;
  };
  return (
    <section class="card" aria-labelledby="registration">
      <h3 id="registration">{messages.registration}</h3>
      <p class="muted">{messages.whoCanRegister[mode]}</p>
      {problem.value && <FormError>{problem.value}</FormError>}
      <label class="choice">
        <input
          type="checkbox"
          checked={isChecked.value}
          disabled={isBusy.value}
          onChange={({ currentTarget }) => void close(currentTarget.checked)}
        />
        {messages.closeRegistration}
      </label>
      {setting === "closed" && <p class="muted">{messages.closedBySetting}</p>}
    </section>
  );
}
