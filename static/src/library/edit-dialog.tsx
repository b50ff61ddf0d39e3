// The dialog of an edit of the selected images, loaded when the first one opens.

import { AddTagsDialog } from "./add-tags-dialog";
import { AddToAlbumEdit } from "./add-to-album-edit";
import { DatesDialog } from "./dates-dialog";
import { FavouriteDialog } from "./favourite-dialog";
import { RemoveTagsDialog } from "./remove-tags-dialog";
import { RenameTagDialog } from "./rename-tag-dialog";
import type { EditProps } from "./selected-edit";
import { ShareSelected } from "./share-selected";
import { TrashDialog } from "./trash-dialog";

export type EditKind = "add" | "album" | "remove" | "rename" | "date" | "favourite" | "share" | "trash";

export default function EditDialog({ kind, ...props }: EditProps & { readonly kind: EditKind }) {
  switch (kind) {
    case "add":
      return <AddTagsDialog {...props} />;
    case "album":
      return <AddToAlbumEdit {...props} />;
    case "remove":
      return <RemoveTagsDialog {...props} />;
    case "rename":
      return <RenameTagDialog {...props} />;
    case "date":
      return <DatesDialog {...props} />;
    case "favourite":
      return <FavouriteDialog {...props} />;
    case "share":
      return <ShareSelected {...props} />;
    case "trash":
      return <TrashDialog {...props} />;
  }
}
