// The number of tags that fit on a tile. Pure.

import type { TagCount } from "../schemas";

const PHONE_WIDTH = 640;
const LETTER_WIDTH = 6.6; // the mean width of a letter of the smallest text
const MARK_WIDTH = 44; // a mark's space around its letters, with the gap after it
const MORE_WIDTH = 36; // of `+2`

/** Return how many of the first tags fit in one line of a tile: at least one, and one on phones. */
export function fittingTags(tags: readonly TagCount[], tileWidth: number, windowWidth: number): number {
  if (windowWidth < PHONE_WIDTH) {
    return Math.min(1, tags.length);
  }
  let room = tileWidth;
  const end = tags.findIndex(({ tag, count }, index) => {
    room -= MARK_WIDTH + LETTER_WIDTH * (tag.length + String(count).length);
    return room < (index === tags.length - 1 ? 0 : MORE_WIDTH);
  });
  return end < 0 ? tags.length : Math.max(1, end);
}
