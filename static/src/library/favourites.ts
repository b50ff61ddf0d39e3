// Marks photos of a list as favourites. The marks are shown at once; those that PixTag refuses are taken back.

import * as messages from "#messages/favourites";
import { post } from "../api";
import type { BulkOutcome } from "../schemas";
import { toast } from "../ui/toasts";
import { applyBulk, type BulkCall, type BulkSummary, describeSummary } from "./bulk";
import type { Feed } from "./feed";
import { imagesWith, restoreImages, showFavourites } from "./feed-updates";
import { forgetSearches } from "./feeds";
import { partOf } from "./selected-edit";
import { offerUndo } from "./undo";

/** Return the request that makes images favourites, or no longer. */
export function favouriteCall(favourite: boolean): BulkCall {
  return (images, _key, operation) => post("/images/favourite", { body: { images, favourite, ...partOf(operation) } });
}

/** What was done: `3 photos added to favourites`. */
export function describeMarked(favourite: boolean): (count: number) => string {
  return favourite ? messages.photosAdded : messages.photosRemoved;
}

/** Mark loaded images, or remove their marks. Offers to undo it, and shows a message for images that were refused. */
export async function markFavourites(feed: Feed, ids: readonly string[], favourite: boolean): Promise<void> {
  const before = imagesWith(feed, ids);
  const outcomes: BulkOutcome[] = [];
  const call = favouriteCall(favourite);
  const ready = before.filter(({ state }) => state === "ready").map(({ id }) => id);
  showFavourites(feed, new Set(ready), favourite);
  const summary = await applyBulk(
    { ids },
    async (...request) => {
      const response = await call(...request);
      outcomes.push(...response.outcomes);
      return response;
    },
    { signal: new AbortController().signal, onProgress: () => {} },
  );
  const done = new Set(outcomes.filter(({ result }) => result !== "failed").map(({ image }) => image));
  const refused = before.filter((image) => !done.has(image.id) && image.favourite !== favourite);
  showFavourites(feed, new Set(refused.map(({ id }) => id)), !favourite);
  if (summary.changed.length > 0) {
    forgetSearches();
    offerUndo({
      operation: summary.operation,
      text: describeSummary(summary, describeMarked(favourite)),
      size: summary.changed.length,
      onUndone: (restored) =>
        restoreImages(
          feed,
          before.filter(({ id }) => restored.has(id)),
        ),
    });
  }
  showProblems(summary);
}

function showProblems({ failures, ended }: BulkSummary): void {
  const text = [...failures.keys(), ended].filter(Boolean).join(" ");
  if (text) {
    toast(text, "failed");
  }
}
