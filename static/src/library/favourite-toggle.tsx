// Favourites in a grid: the heart on a tile, and what key F does.

import * as messages from "#messages/library";
import { wordsFor } from "../http";
import type { ImageSummary } from "../schemas";
import { Icon } from "../ui/icon";
import { toast } from "../ui/toasts";
import type { Feed } from "./feed";
import type { Selection } from "./selection";

/** The heart on a tile. Where fingers touch the screen, there is only its mark. */
export function FavouriteToggle({ image, feed }: { readonly image: ImageSummary; readonly feed: Feed }) {
  return (
    image.state === "ready" && (
      <button
        type="button"
        class="tile-heart"
        tabIndex={-1}
        aria-pressed={image.favourite}
        aria-label={messages.favouriteIt(image.name)}
        title={messages.favourite}
        onClick={() => toggleFavourite(feed, image.id)}
      >
        <Icon name="heart" size={16} isFilled={image.favourite} />
      </button>
    )
  );
}

/** Make an image of a list a favourite, or no longer one. */
export function toggleFavourite(feed: Feed, id: string): void {
  const image = feed.images.peek().find((other) => other.id === id);
  if (image?.state === "ready") {
    void mark(feed, [id], !image.favourite);
  }
}

/** Make the selected images favourites, or no longer if all are. Then nothing is selected. */
export function favourSelected(selection: Selection): void {
  const ids = selection.images.peek().map(({ id }) => id);
  void mark(selection.feed, ids, !selection.isFavourite.peek());
  selection.clear();
}

async function mark(feed: Feed, ids: readonly string[], favourite: boolean): Promise<void> {
  try {
    const { markFavourites } = await import("./favourites");
    await markFavourites(feed, ids, favourite);
  } catch (error) {
    toast(wordsFor(error), "failed");
  }
}
