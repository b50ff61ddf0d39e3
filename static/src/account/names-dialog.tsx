// The dialog that changes the names of the account.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/profile";
import { patch } from "../api";
import { wordsFor } from "../http";
import { account } from "../session";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field } from "../ui/field";
import { toast } from "../ui/toasts";

export function NamesDialog({ onClose }: { onClose: () => void }) {
  const given = useSignal(account.value?.given_name ?? "");
  const family = useSignal(account.value?.family_name ?? "");
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const change = async () => {
    isBusy.value = true;
    problem.value = "";
    try {
      account.value = await patch("/auth/me", {
        body: { given_name: given.value.trim(), family_name: family.value.trim() },
      });
      toast(messages.changedName);
      onClose();
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={messages.changeName}
      action={messages.changeName}
      isReady={given.value.trim() !== "" && family.value.trim() !== "" && !isBusy.value}
      problem={problem.value}
      onConfirm={() => void change()}
      onClose={onClose}
    >
      <Field
        label={messages.givenName}
        value={given.value}
        onValue={(text) => {
          given.value = text;
        }}
        input={{ autocomplete: "given-name", maxLength: 100, autofocus: true, dir: "auto" }}
      />
      <Field
        label={messages.familyName}
        value={family.value}
        onValue={(text) => {
          family.value = text;
        }}
        input={{ autocomplete: "family-name", maxLength: 100, dir: "auto" }}
      />
    </ConfirmDialog>
  );
}
