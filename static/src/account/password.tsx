// Change the password. This ends all sessions, and signs in again with the new password.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/account";
import { put } from "../api";
import { wordsFor } from "../http";
import { account, signIn } from "../session";
import { ActionButton } from "../ui/action-button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { PASSWORD_RULES, PasswordField } from "../ui/field";
import { toast } from "../ui/toasts";

export function Password() {
  const isOpen = useSignal(false);
  return (
    <section class="card" aria-labelledby="password">
      <h3 id="password">{messages.password}</h3>
      <p class="muted">{messages.passwordLead}</p>
      <ActionButton
        label={messages.changePasswordButton}
        onClick={() => {
          isOpen.value = true;
        }}
      />
      {isOpen.value && (
        <PasswordDialog
          onClose={() => {
            isOpen.value = false;
          }}
        />
      )}
    </section>
  );
}

function PasswordDialog({ onClose }: { onClose: () => void }) {
  const [old, next] = [useSignal(""), useSignal("")];
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const change = async () => {
    const email = account.value?.email ?? "";
    isBusy.value = true;
    problem.value = "";
    try {
      await put("/auth/me/password", { body: { old_password: old.value, new_password: next.value } });
      await signIn(email, next.value);
      toast(messages.changedPassword);
      onClose();
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={messages.changePassword}
      action={messages.changePassword}
      isReady={old.value !== "" && next.value !== "" && account.value !== null && !isBusy.value}
      problem={problem.value}
      onConfirm={() => void change()}
      onClose={onClose}
    >
      <PasswordField
        label={messages.currentPassword}
        value={old.value}
        onValue={(text) => {
          old.value = text;
        }}
        input={{ name: "current-password", autocomplete: "current-password", maxLength: 256, autofocus: true }}
      />
      <PasswordField
        label={messages.newPassword}
        hint={PASSWORD_RULES}
        value={next.value}
        onValue={(text) => {
          next.value = text;
        }}
        input={{ name: "new-password", autocomplete: "new-password", maxLength: 256 }}
      />
    </ConfirmDialog>
  );
}
