// Jumps to a month of a list: the grid scrolls to it if it is loaded, or else the list is opened there.

import type { Feed } from "./feed";
import type { GridPlace } from "./grid-place";
import { monthOf } from "./order-key";

/** Show the newest image of a month. An empty month means images whose dates can't be right. */
export async function jumpTo(feed: Feed, place: GridPlace, month: string): Promise<void> {
  const show = () => {
    place.target.value = feed.images.value[firstOf(feed, month)]?.id ?? "";
  };
  if (isLoaded(feed, month)) {
    show();
    return;
  }
  await feed.jump(month ? { month } : "oldest", show);
}

/** Whether the newest image of a month is loaded. */
function isLoaded(feed: Feed, month: string): boolean {
  const index = firstOf(feed, month);
  const image = feed.images.value[index];
  const isMonth = image !== undefined && monthOf(feed.keyOf(image)) === month;
  return isMonth && (index > 0 || feed.above.value === "end");
}

/** Return the index of the first image that isn't after a month; the last one if all are. */
function firstOf(feed: Feed, month: string): number {
  const index = feed.images.value.findIndex((image) => monthOf(feed.keyOf(image)) <= month);
  return index < 0 ? feed.images.value.length - 1 : index;
}
