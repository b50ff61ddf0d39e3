// A dialog with one field, for the name of something.

import { useSignal } from "@preact/signals";
import { wordsFor } from "../http";
import { ConfirmDialog } from "./confirm-dialog";
import { Field } from "./field";

interface NameDialogProps {
  readonly title: string;
  readonly action: string;
  readonly label: string;
  readonly hint?: string;
  readonly initial?: string;
  readonly maxLength: number;
  readonly isRequired?: boolean;
  /** Save the name. The error of a failure is shown above the field. */
  readonly save: (name: string) => Promise<unknown>;
  readonly onClose: () => void;
}

export function NameDialog(props: NameDialogProps) {
  const { title, action, label, hint = "", initial = "", maxLength, isRequired = false, save, onClose } = props;
  const name = useSignal(initial);
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const run = async () => {
    isBusy.value = true;
    try {
      await save(name.value.trim());
      onClose();
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={title}
      action={action}
      isReady={!isBusy.value && !(isRequired && name.value.trim() === "")}
      problem={problem.value}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      <Field
        label={label}
        hint={hint}
        value={name.value}
        onValue={(text) => {
          name.value = text;
        }}
        input={{ autocomplete: "off", maxLength, autofocus: true, dir: "auto" }}
      />
    </ConfirmDialog>
  );
}
