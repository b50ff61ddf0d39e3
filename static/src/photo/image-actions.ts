// Moving an image to the trash and back, and updating the lists that contain it.

import { problem } from "#messages/reasons";
import { get, post } from "../api";
import { Problem } from "../http";
import { currentFeed } from "../library/current-feed";
import { everything, forgetSearches } from "../library/feeds";
import type { BulkOutcome, ImageDetails, ImageSummary } from "../schemas";

/**
 * Move an image to the trash and remove it from the lists. A pending or failed image is deleted at once.
 *
 * Returns the id of the operation, which can be undone.
 */
export async function trashImage(id: string): Promise<string> {
  const operation = crypto.randomUUID();
  const { outcomes } = await post("/images/trash", { body: { images: { ids: [id] }, operation } });
  await requireChanged(outcomes);
  for (const feed of [everything(), currentFeed.peek()]) {
    feed?.remove(new Set([id]));
  }
  forgetSearches();
  return operation;
}

/** Restore an image from the trash to the library. */
export async function restoreImage(id: string): Promise<ImageDetails> {
  const { outcomes } = await post("/images/restore", { body: { images: { ids: [id] } } });
  await requireChanged(outcomes);
  return showRestored(id);
}

async function requireChanged(outcomes: readonly BulkOutcome[]): Promise<void> {
  const failed = outcomes.find(({ result }) => result === "failed");
  if (failed) {
    throw new Problem(await problem("", failed.detail));
  }
}

/** Put an image that is no longer in the trash into the lists. */
export async function showRestored(id: string): Promise<ImageDetails> {
  const details = await get("/images/{image_id}", { path: { image_id: id } });
  everything().put(details);
  forgetSearches();
  return details;
}

/** Return an image from the loaded lists; null if it isn't in one. */
export function findListed(id: string): ImageSummary | null {
  const has = (image: ImageSummary) => image.id === id;
  return currentFeed.value?.images.value.find(has) ?? everything().images.value.find(has) ?? null;
}

/** Update the image in the lists that contain it. */
export function updateLists(details: ImageDetails): void {
  for (const feed of new Set([everything(), currentFeed.peek()])) {
    const listed = feed?.images.peek().find(({ id }) => id === details.id);
    if (feed && listed) {
      feed.put({ ...details, links: listed.links ?? details.links });
    }
  }
}
