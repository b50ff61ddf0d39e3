// The number of tags that fit on a tile. Pure.

import type { TagCount } from "../schemas";

const PHONE_WIDTH = 640;
const LETTER_WIDTH = 6.6; // the mean width of a letter of the smallest text
const MARK_WIDTH = 44; // a mark's space around its letters, with the gap after it
const MORE_WIDTH = 36; // of `+2`
const MIN_LETTERS = 4; // of a name that is cut off

/**
 * Return how many of the first tags fit in one line of a tile, at most one on phones. The name of a single tag may be
 * cut off, unless hardly a letter of it would be left.
 */
export function fittingTags(tags: readonly TagCount[], tileWidth: number, windowWidth: number): number {
  let room = tileWidth;
  const end = tags.findIndex(({ tag, count }, index) => {
    const isFirst = index === 0;
    const letters = isFirst ? Math.min(MIN_LETTERS, tag.length) : tag.length;
    const needed = MARK_WIDTH + LETTER_WIDTH * (letters + String(count).length);
    const more = index === tags.length - 1 ? 0 : MORE_WIDTH;
    const isFull = room < needed + more || (!isFirst && windowWidth < PHONE_WIDTH);
    room -= MARK_WIDTH + LETTER_WIDTH * (tag.length + String(count).length);
    return isFull;
  });
  return end < 0 ? tags.length : end;
}
