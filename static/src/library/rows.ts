// Justified rows: the position of each image in the grid. Pure; all lengths are CSS pixels.

import type { Group } from "./groups";

export interface Sized {
  readonly id: string;
  /** In pixels of the original; 0 while unknown. */
  readonly width: number;
  readonly height: number;
}

export interface Tile {
  /** The index of the image in the list. */
  readonly index: number;
  readonly left: number;
  readonly width: number;
}

export interface Row {
  readonly top: number;
  readonly height: number;
  /** The index of the first image in the row. */
  readonly first: number;
  readonly tiles: readonly Tile[];
}

/** A heading and the rows below it. */
export interface Section {
  readonly group: Group;
  readonly top: number;
  readonly height: number;
}

export interface Layout {
  readonly sections: readonly Section[];
  readonly rows: readonly Row[];
  readonly height: number;
}

export interface Measures {
  readonly width: number;
  /** The preferred height of a row. */
  readonly target: number;
  readonly gap: number;
  readonly heading: number;
}

const MIN_ASPECT = 0.5; // the grid crops images that are narrower or wider
const MAX_ASPECT = 3;
const DEFAULT_ASPECT = 4 / 3; // of most cameras
const NEARLY_FULL = 0.85; // a last row this full is stretched like the others

/** Return the sizes of rows and gaps for a width. The photos are larger than usual by a factor. */
export function measuresFor(width: number, scale: number): Measures {
  return width < 640
    ? { width, target: 128 * scale, gap: 3, heading: 44 }
    : { width, target: 196 * scale, gap: 6, heading: 52 };
}

/** Return width divided by height, within the grid's limits; the default while the size is unknown. */
export function aspect({ width, height }: Pick<Sized, "width" | "height">): number {
  return width > 0 && height > 0 ? Math.min(MAX_ASPECT, Math.max(MIN_ASPECT, width / height)) : DEFAULT_ASPECT;
}

/** Arrange the images of each group in rows of similar height that fill the width, below a heading. */
export function layOut(images: readonly Sized[], measures: Measures, groups: readonly Group[]): Layout {
  const sections: Section[] = [];
  const rows: Row[] = [];
  let top = 0;
  for (const group of measures.width > 0 ? groups : []) {
    const start = top;
    top += group.heading ? measures.heading : 0;
    for (const { height, tiles } of fill(images, group.first, group.end, measures)) {
      rows.push({ top, height, first: tiles[0]?.index ?? group.first, tiles });
      top += height + measures.gap;
    }
    sections.push({ group, top: start, height: top - start });
  }
  return { sections, rows, height: top };
}

function* fill(images: readonly Sized[], start: number, end: number, measures: Measures) {
  const { width, target, gap } = measures;
  let first = start;
  let wide = 0; // the sum of the row's aspect ratios
  for (let index = start; index < end; index += 1) {
    const shape = aspect(images[index] as Sized);
    const without = (width - gap * (index - first - 1)) / wide;
    const withIt = (width - gap * (index - first)) / (wide + shape);
    if (index > first && without - target < target - withIt) {
      // The row is closer to the preferred height without this image.
      yield { height: without, tiles: place(images, first, index, without, gap) };
      first = index;
      wide = 0;
    }
    wide += shape;
    const room = width - gap * (index - first);
    const isLast = index === end - 1;
    if (wide * target >= room || isLast) {
      const isFull = wide * target >= room * (isLast ? NEARLY_FULL : 1);
      const height = isFull ? room / wide : target;
      yield { height, tiles: place(images, first, index + 1, height, gap) };
      first = index + 1;
      wide = 0;
    }
  }
}

function place(images: readonly Sized[], first: number, end: number, height: number, gap: number): Tile[] {
  let left = 0;
  return images.slice(first, end).map((image, offset) => {
    const tile = { index: first + offset, left, width: aspect(image) * height };
    left += tile.width + gap;
    return tile;
  });
}

/** Return the rows that overlap a vertical range. */
export function rowsBetween({ rows }: Layout, from: number, to: number): readonly Row[] {
  return between(rows, from, to);
}

/** Return the sections that overlap a vertical range. */
export function sectionsBetween({ sections }: Layout, from: number, to: number): readonly Section[] {
  return between(sections, from, to);
}

function between<T extends { readonly top: number; readonly height: number }>(
  parts: readonly T[],
  from: number,
  to: number,
) {
  const first = firstWhere(parts, (part) => part.top + part.height > from);
  const end = firstWhere(parts, (part) => part.top >= to);
  return parts.slice(first, end);
}

/** Return the row of an image; undefined if it has none. */
export function rowOf({ rows }: Layout, index: number): Row | undefined {
  const row = rows[firstWhere(rows, ({ first }) => first > index) - 1];
  return row?.tiles.some((tile) => tile.index === index) ? row : undefined;
}

/** Return the image above (-1) or below (1) another: the one with the nearest middle. At the edge, the same image. */
export function neighbour(layout: Layout, index: number, direction: 1 | -1): number {
  const { rows } = layout;
  const row = rowOf(layout, index);
  const tile = row?.tiles.find((candidate) => candidate.index === index);
  if (!(row && tile)) {
    return index;
  }
  const next = rows.indexOf(row) + direction;
  const middle = tile.left + tile.width / 2;
  const distance = (candidate: Tile) => Math.abs(candidate.left + candidate.width / 2 - middle);
  const tiles = rows[next]?.tiles ?? [tile];
  return tiles.reduce((best, candidate) => (distance(candidate) < distance(best) ? candidate : best)).index;
}

/** Return the first position where a condition holds that also holds for all later items (binary search). */
function firstWhere<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle] as T)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
