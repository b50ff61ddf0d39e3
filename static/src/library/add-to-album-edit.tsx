// Add the selected photos to an album.

import { AddToAlbumDialog } from "./add-to-album-dialog";
import type { EditProps } from "./selected-edit";

export function AddToAlbumEdit({ selection, onClose }: EditProps) {
  return (
    <AddToAlbumDialog
      target={selection.target}
      size={selection.size.value}
      onChanged={() => {}}
      onDone={({ failures, ended }) => {
        if (!(failures.size || ended)) {
          selection.clear();
        }
      }}
      onClose={onClose}
    />
  );
}
