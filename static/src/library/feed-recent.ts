// Reads the newest uploads of a list again, down to the oldest pending one.

import type { ImageSummary } from "../schemas";
import type { FeedPage, FetchPage } from "./feed-page";
import { addedKey } from "./order-key";

const PAGE = 100;

/** Return the newest uploads, and whether they are the whole list. */
export async function readRecent(fetchRecent: FetchPage, arrivals: readonly ImageSummary[]) {
  const [reach] = arrivals
    .filter(({ state }) => state === "pending")
    .map(addedKey)
    .sort();
  const images: ImageSummary[] = [];
  let cursor: string | null = null;
  do {
    const page: FeedPage = await fetchRecent(cursor, PAGE, "desc");
    images.push(...page.images);
    cursor = page.next;
  } while (cursor !== null && reach !== undefined && isAfter(images.at(-1), reach));
  return { images, isWhole: cursor === null };
}

function isAfter(image: ImageSummary | undefined, key: string): boolean {
  return image === undefined || addedKey(image) > key;
}
