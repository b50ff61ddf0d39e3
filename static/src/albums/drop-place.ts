// The place between two images at which a drag ends. Pure; all lengths are CSS pixels.

import type { Layout } from "../library/rows";

export interface DropPlace {
  /** The index of the image after the place; the number of images at the end of the list. */
  readonly index: number;
  /** The line between the images. */
  readonly left: number;
  readonly top: number;
  readonly height: number;
}

/** Return the place that is nearest to a point in its row; null for an empty list. */
export function dropPlaceAt({ rows }: Layout, { x, y }: { readonly x: number; readonly y: number }): DropPlace | null {
  const row = rows.find(({ top, height }) => y < top + height) ?? rows.at(-1);
  const last = row?.tiles.at(-1);
  if (!(row && last)) {
    return null;
  }
  const { top, height } = row;
  const after = row.tiles.find(({ left, width }) => x < left + width / 2);
  return after
    ? { index: after.index, left: after.left, top, height }
    : { index: last.index + 1, left: last.left + last.width, top, height };
}
