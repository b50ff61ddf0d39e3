// Moving an image to the trash and back, and updating the lists that contain it.

import { del, get, post } from "../api";
import { Problem } from "../http";
import { currentFeed } from "../library/current-feed";
import { everything, forgetSearches } from "../library/feeds";
import type { ImageDetails } from "../schemas";

/** Move an image to the trash and remove it from the lists. A pending or failed image is deleted at once. */
export async function trashImage(id: string): Promise<void> {
  await del("/images/{image_id}", { path: { image_id: id } });
  for (const feed of [everything(), currentFeed.peek()]) {
    feed?.remove(new Set([id]));
  }
  forgetSearches();
}

/** Restore an image from the trash to the library. */
export async function restoreImage(id: string): Promise<ImageDetails> {
  const { outcomes } = await post("/images/restore", { body: { images: { ids: [id] } } });
  const failed = outcomes.find(({ result }) => result === "failed");
  if (failed) {
    throw new Problem(failed.detail);
  }
  const details = await get("/images/{image_id}", { path: { image_id: id } });
  everything().put(details);
  forgetSearches();
  return details;
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
