// The dialog that names an album.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/albums";
import { wordsFor } from "../http";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field } from "../ui/field";

const MAX_TITLE = 200;

interface TitleDialogProps {
  /** The title of the dialog. */
  readonly heading: string;
  readonly action: string;
  /** The title of the album at first. */
  readonly initial?: string;
  /** Create or rename the album. Its error is shown above the title. */
  readonly save: (title: string) => Promise<unknown>;
  readonly onClose: () => void;
}

export function TitleDialog({ heading, action, initial = "", save, onClose }: TitleDialogProps) {
  const title = useSignal(initial);
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const run = async () => {
    isBusy.value = true;
    try {
      await save(title.value.trim());
      onClose();
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={heading}
      action={action}
      isReady={!isBusy.value && title.value.trim() !== ""}
      problem={problem.value}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      <Field
        label={messages.title}
        value={title.value}
        onValue={(text) => {
          title.value = text;
        }}
        input={{ autocomplete: "off", maxLength: MAX_TITLE, autofocus: true, dir: "auto" }}
      />
    </ConfirmDialog>
  );
}
