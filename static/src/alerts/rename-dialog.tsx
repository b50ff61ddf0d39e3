// The dialog that names a saved search.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/alerts";
import { wordsFor } from "../http";
import type { SubscriptionResponse } from "../schemas";
import { change } from "../search/saved-searches";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field } from "../ui/field";
import { MAX_NAME } from "./alert-form";

export function RenameDialog({ alert, onClose }: { alert: SubscriptionResponse; onClose: () => void }) {
  const name = useSignal(alert.name);
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const rename = async () => {
    isBusy.value = true;
    try {
      await change(alert, { name: name.value.trim() });
      onClose();
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={messages.renameSearch(alert.name || alert.query)}
      action={messages.rename}
      isReady={!isBusy.value}
      problem={problem.value}
      onConfirm={() => void rename()}
      onClose={onClose}
    >
      <Field
        label={messages.name}
        hint={messages.nameHint}
        value={name.value}
        onValue={(text) => {
          name.value = text;
        }}
        input={{ autocomplete: "off", maxLength: MAX_NAME, autofocus: true }}
      />
    </ConfirmDialog>
  );
}
