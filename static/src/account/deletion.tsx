// Delete the account. The person has to type the e-mail address, because this can't be undone.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/account";
import { del } from "../api";
import { wordsFor } from "../http";
import { go } from "../router";
import { account, end } from "../session";
import { ActionButton } from "../ui/action-button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field } from "../ui/field";

export function Deletion() {
  const isOpen = useSignal(false);
  return (
    <section class="card" aria-labelledby="deletion">
      <h3 id="deletion">{messages.deleteAccount}</h3>
      <p class="muted">{messages.deletionLead}</p>
      <ActionButton
        label={messages.deleteAccountButton}
        kind="danger"
        onClick={() => {
          isOpen.value = true;
        }}
      />
      {isOpen.value && (
        <DeletionDialog
          onClose={() => {
            isOpen.value = false;
          }}
        />
      )}
    </section>
  );
}

function DeletionDialog({ onClose }: { onClose: () => void }) {
  const typed = useSignal("");
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const email = account.value?.email ?? "";
  const isConfirmed = email !== "" && typed.value.trim().toLowerCase() === email.toLowerCase();
  const deleteAccount = async () => {
    isBusy.value = true;
    problem.value = "";
    try {
      await del("/auth/me", { query: { confirm: typed.value.trim() } });
      end();
      go("/sign-in?deleted=1", "replace");
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={messages.deleteAccount}
      action={messages.deleteEverything}
      isDangerous
      isReady={isConfirmed && !isBusy.value}
      problem={problem.value}
      onConfirm={() => void deleteAccount()}
      onClose={onClose}
    >
      <p>{messages.thisCantBeUndone}</p>
      <Field
        label={messages.typeToConfirm(email)}
        value={typed.value}
        onValue={(text) => {
          typed.value = text;
        }}
        input={{ type: "email", autocomplete: "off", spellcheck: false, autofocus: true }}
      />
    </ConfirmDialog>
  );
}
