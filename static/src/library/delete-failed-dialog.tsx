// Asks before a photo that PixTag can't read is deleted, because its original may be the only copy.

import * as messages from "#messages/library";
import { ConfirmDialog } from "../ui/confirm-dialog";

interface DeleteFailedDialogProps {
  readonly name: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function DeleteFailedDialog({ name, onConfirm, onClose }: DeleteFailedDialogProps) {
  return (
    <ConfirmDialog
      title={messages.deletePhoto}
      action={messages.deleteButton}
      isDangerous
      isReady
      problem=""
      onConfirm={() => {
        onClose();
        onConfirm();
      }}
      onClose={onClose}
    >
      <p>{messages.willBeDeleted(name)}</p>
    </ConfirmDialog>
  );
}
