// Asks before a photo that PixTag can't read is deleted, because its original may be the only copy.

import { ConfirmDialog } from "../ui/confirm-dialog";

interface DeleteFailedDialogProps {
  readonly name: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function DeleteFailedDialog({ name, onConfirm, onClose }: DeleteFailedDialogProps) {
  return (
    <ConfirmDialog
      title="Delete photo"
      action="Delete"
      isDangerous
      isReady
      problem=""
      onConfirm={() => {
        onClose();
        onConfirm();
      }}
      onClose={onClose}
    >
      <p>
        {name} will be deleted permanently. PixTag can't show it, but keeps its file. If you have no other copy,
        download the original first.
      </p>
    </ConfirmDialog>
  );
}
