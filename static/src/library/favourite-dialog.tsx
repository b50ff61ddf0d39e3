// Mark many selected photos as favourites, or remove their marks.

import * as messages from "#messages/favourites";
import { BulkDialog } from "./bulk-dialog";
import { describeMarked, favouriteCall } from "./favourites";
import { showFavourites } from "./feed-updates";
import { forgetSearches } from "./feeds";
import { describeChange, type EditProps, finishEdit } from "./selected-edit";

export function FavouriteDialog({ selection, onClose }: EditProps) {
  const favourite = !selection.isFavourite.value;
  const title = favourite ? messages.markFavourites : messages.removeFavourites;
  const describe = favourite ? messages.photosWillBeAdded : messages.photosWillBeRemoved;
  return (
    <BulkDialog
      title={title}
      target={selection.target}
      size={selection.size.value}
      call={favouriteCall(favourite)}
      inputs=""
      describe={(count) => (count ? describe(count) : describeChange(count))}
      action={title}
      describeChanged={describeMarked(favourite)}
      onDone={(summary) =>
        finishEdit(
          selection,
          summary,
          () => {
            showFavourites(selection.feed, new Set(summary.changed), favourite);
            forgetSearches();
          },
          describeMarked(favourite),
        )
      }
      onClose={onClose}
    />
  );
}
